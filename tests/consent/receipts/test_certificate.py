"""The certificate of an erasure: what it says, that it names nobody, and that a page checks it."""

import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from consent.policy.languages import languages
from consent.receipts.certificate import certificate, proof_of_erasure
from consent.receipts.data_integrity import is_signed_by
from consent.rights.parts import OneVisit, TimeSpan
from server.cli import commands
from tests.consent.public_pages import post_form
from tests.consent.rights.test_erasure import a_visitor

PROVES = "It proves that the website erased what it lists."


async def erasure_of(room):
    claims = await a_visitor(room)
    return claims, await room.deps.eraser.erase(room.site.id, claims.visitor_id)


async def test_law_6_a_certificate_says_what_was_removed_and_not_whose_it_was(room):
    claims, receipt = await erasure_of(room)
    said = certificate(receipt, room.site, room.deps.site_keys)
    number, time, day = receipt.receipt_id, "2026-09-21T12:00:00.000Z", "2026-09-21"
    assert said["dct:identifier"] == number
    assert said["dpv:hasService"]["dct:identifier"] == room.site.key
    assert said["askfirst:asked"] == {"askfirst:part": "everything"}
    assert (said["askfirst:requested"], said["askfirst:completed"]) == (time, time)
    assert said["askfirst:events"] == {"page_view": 2}
    assert said["askfirst:places"]["ledger.consent_records"] == 2
    assert (said["askfirst:firstDay"], said["askfirst:lastDay"]) == (day, day)
    assert said["dpv:isIndicatedBy"] == {"@id": "dpv:DataSubject"}
    text = json.dumps(said)
    assert claims.visitor_id not in text
    assert claims.consent_id not in text
    assert certificate(receipt, room.site, room.deps.site_keys) == said


async def test_law_6_a_certificate_of_a_part_tells_the_span_and_no_visit(room):
    _, receipt = await erasure_of(room)
    span = replace(receipt, part=TimeSpan(0, room.clock()))
    visit = replace(receipt, part=OneVisit("visit-of-somebody"))
    keys = room.deps.site_keys
    times = {"askfirst:from": "1970-01-01T00:00:00.000Z"}
    times |= {"askfirst:before": "2026-09-21T12:00:00.000Z"}
    asked = certificate(span, room.site, keys)["askfirst:asked"]
    assert asked == {"askfirst:part": "span"} | times
    assert "visit-of-somebody" not in json.dumps(certificate(visit, room.site, keys))


async def test_the_page_says_what_a_good_certificate_proves_and_refuses_a_changed_one(room):
    _, receipt = await erasure_of(room)
    said = certificate(receipt, room.site, room.deps.site_keys)
    changed = {**said, "askfirst:rows": 1000}
    good = await post_form(room, "/verify", receipt=json.dumps(said))
    bad = await post_form(room, "/verify", receipt=json.dumps(changed))
    assert '<p class="verdict good" id="verdict" role="status" tabindex="-1">The' in good.text
    assert good.text.count(PROVES) == 2, "said, and handed to the script"
    assert "The signature is wrong" in bad.text
    assert bad.text.count(PROVES) == 1


async def test_the_command_says_what_a_good_certificate_proves(room, tmp_path: Path):
    _, receipt = await erasure_of(room)
    said = certificate(receipt, room.site, room.deps.site_keys)
    (tmp_path / "certificate.json").write_text(json.dumps(said))
    key = json.dumps(room.deps.site_keys.jwks(room.site.key))
    words = ["receipt", "verify", str(tmp_path / "certificate.json"), "--key", key]
    told = CliRunner().invoke(commands, words)
    assert told.exit_code == 0, told.output
    assert PROVES in " ".join(told.output.split())


def test_every_language_of_the_banner_says_what_a_certificate_proves():
    said = {tag: proof_of_erasure(tag) for tag in languages()}
    assert len(set(said.values())) == len(said) == 30
    assert proof_of_erasure("xx") == said["en"]


async def test_a_certificate_of_another_site_or_a_receipts_type_is_not_taken_for_one(room):
    _, receipt = await erasure_of(room)
    said = certificate(receipt, room.site, room.deps.site_keys)
    assert is_signed_by(said, room.deps.site_keys.of(room.site.key).public_key())
    assert not is_signed_by(said, room.deps.site_keys.of("0" * 16).public_key())
    renamed = {**said, "@type": "dpv:ConsentReceipt"}
    assert "wrong" in (await post_form(room, "/verify", receipt=json.dumps(renamed))).text
