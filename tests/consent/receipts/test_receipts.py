"""The receipt: what it says, which key signs it, and who can get it."""

import hashlib
import json

import httpx2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.text.reference_numbers import numbers_in
from consent.receipts.data_integrity import (
    from_multibase,
    is_signed_by,
    multikey,
    signed,
    to_multibase,
)
from consent.receipts.site_keys import SiteKeys, public_keys
from tests.consent.receipt_reading import canonical, decoded, record_in

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"


async def ask(room, token, **headers):
    body = {"site": room.site.key, "token": token}
    return await room.post("/consent/receipt", body, **headers)


async def receipt_of(room, token):
    answer = await ask(room, token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    return answer.json()


async def jwk_of(room):
    answer = await room.browser.get(f"/.well-known/askfirst/{room.site.key}.json")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    [jwk] = answer.json()["keys"]
    return jwk


async def test_requirement_19_a_receipt_says_everything_of_the_consent(room):
    token = await room.token()
    receipt = await receipt_of(room, token)
    [row] = room.rows("consent_records")
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["dct:conformsTo"] == SCHEMA
    record = record_in(receipt)
    assert record["dct:identifier"] == row["record_id"]
    assert record["dpv:hasDataSubject"]["dpv:hasIdentifier"] == row["subject"]
    assert record["dpv:hasDataController"]["dpv:hasName"] == "Example Ltd"
    assert record["dpv:hasJurisdiction"] == {"@id": "loc:EU"}
    notice = record["dpv:hasNotice"]
    assert notice["schema:sha256"] == row["notice_hash"] == room.shown["hash"]
    assert (notice["dct:hasVersion"], notice["dct:language"]) == ("1", "en")
    [process] = record["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["dct:title"] == "Visit statistics"
    assert {"@id": "eu-gdpr:A6-1-a"} in process["dpv:hasLegalBasis"]
    shown = [field["column"] for field in room.shown["purposes"][0]["fields"]]
    assert [field["dct:identifier"] for field in process["dpv:hasPersonalData"]] == shown
    assert process["dpv:hasRecipient"] == [{"@type": "dpv:Recipient", "dpv:hasName": "none"}]
    duration, place = process["dpv:hasStorageCondition"]
    assert duration["dpv:hasDuration"] == "P25M"
    assert place["dpv:hasLocation"] == "not stated"
    assert record["dpv:hasConsentControl"]["dpv:isExercisedAt"].endswith(room.site.key)
    assert len(record["dpv:hasRight"]) == len(room.shown["rights"])
    [status] = record["dpv:hasConsentStatus"]
    assert status["@type"] == ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]
    assert status["dpv:isIndicatedAtTime"] == "2026-09-21T12:00:00.000Z"
    assert status["dpv:hasDuration"]["rdf:value"] == "2027-03-20T12:00:00.000Z"
    assert status["dpv:hasIndicationMethod"] == "banner"
    assert status["schema:sha256"] == row["hash"]
    facts = {one["schema:name"]: one["schema:value"] for one in status["schema:additionalProperty"]}
    assert facts == {
        "given_by": "subject",
        "ui_hash": row["ui_hash"],
        "previous_hash": "0" * 64,
        "signal_gpc": False,
    }


async def test_requirement_24_a_receipt_holds_no_visitor_number_address_or_browser(room):
    token = await room.token()
    [row] = room.rows("consent_records")
    text = json.dumps(await receipt_of(room, token))
    for secret in (row["visitor_id"], row["nonce"], token, "python-httpx", "127.0.0.1"):
        assert secret not in text


async def test_the_signature_holds_when_checked_from_the_standards_alone(room):
    receipt = await receipt_of(room, await room.token())
    jwk = await jwk_of(room)
    key = Ed25519PublicKey.from_public_bytes(decoded(jwk["x"]))
    proof = receipt.pop("proof")
    value = proof.pop("proofValue")
    assert proof["verificationMethod"] == f"did:key:{jwk['kid']}#{jwk['kid']}"
    assert proof["cryptosuite"] == "eddsa-jcs-2022"
    assert proof["@context"] == receipt["@context"]
    digests = [hashlib.sha256(canonical(part)).digest() for part in (proof, receipt)]
    key.verify(from_multibase(value), b"".join(digests))
    receipt["dct:created"] = "2020-01-01T00:00:00.000Z"
    digests[1] = hashlib.sha256(canonical(receipt)).digest()
    with pytest.raises(InvalidSignature):
        key.verify(from_multibase(value), b"".join(digests))


VECTOR = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2",
    ],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {
        "id": "did:example:abcdefgh",
        "alumniOf": "The School of Examples",
    },
}


def test_the_test_vector_of_the_w3c_gets_the_proof_that_it_should():
    """Appendix B of Data Integrity EdDSA Cryptosuites: key, document and proofValue."""
    secret = bytes.fromhex("c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6")
    key = Ed25519PrivateKey.from_private_bytes(secret)
    document = signed(VECTOR, key, "2023-02-24T23:36:38Z")
    assert multikey(key.public_key()) == "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert document["proof"]["proofValue"] == (
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    )
    assert is_signed_by(document, key.public_key())


@given(st.binary(max_size=64))
def test_multibase_gives_back_any_bytes(data):
    assert from_multibase(to_multibase(data)) == data


@given(st.text(max_size=200))
def test_any_text_is_multibase_or_a_value_error(text):
    try:
        assert to_multibase(from_multibase(text)) == text
    except ValueError:
        return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["@context", "proof", "a"]), JSON))
def test_no_made_up_document_is_signed(document):
    key = SiteKeys(b"s" * 32).of("site").public_key()
    assert is_signed_by(document, key) is False


@given(st.sampled_from(["@context", "a", "proof", "b"]), JSON)
def test_a_signed_document_that_is_changed_anywhere_is_refused(name, value):
    private = SiteKeys(b"s" * 32).of("site")
    document = signed({"@context": ["c"], "a": {"b": [1, "é"]}}, private, "2026-01-01T00:00:00Z")
    assert is_signed_by(document, private.public_key())
    if document.get(name) != value or name not in document:
        assert is_signed_by({**document, name: value}, private.public_key()) is False
    for part in document["proof"]:
        proof = {**document["proof"], part: value}
        if document["proof"][part] != value:
            assert is_signed_by({**document, "proof": proof}, private.public_key()) is False


def test_each_site_has_a_key_of_its_own_that_stays_the_same():
    keys = SiteKeys(b"s" * 32)
    assert keys.jwks("one") == SiteKeys(b"s" * 32).jwks("one")
    assert keys.jwks("one") != keys.jwks("two")
    assert keys.jwks("one") != SiteKeys(b"t" * 32).jwks("one")
    [public] = public_keys(keys.jwks("one"))
    assert public.public_bytes_raw() == keys.of("one").public_key().public_bytes_raw()
    assert "d" not in keys.jwks("one")["keys"][0]


@pytest.mark.parametrize(
    "jwks", [{}, {"keys": []}, {"keys": [1]}, {"keys": "x"}, {"keys": [{"crv": "Ed25519"}]}]
)
def test_what_is_no_key_set_is_a_value_error(jwks):
    with pytest.raises(ValueError, match=r"key|Key"):
        public_keys(jwks)


async def test_a_withdrawn_an_expired_and_an_erased_consent_have_a_receipt_that_says_so(room):
    tokens = [await room.token() for _ in range(3)]
    await room.withdraw(tokens[0])
    await room.erase(tokens[1])
    for token in tokens[:2]:
        record = record_in(await receipt_of(room, token))
        states = [status["@type"][0] for status in record["dpv:hasConsentStatus"]]
        assert states == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    room.clock.now += 181 * DAY_MS
    record = record_in(await receipt_of(room, tokens[2]))
    assert record["dpv:hasConsentStatus"][-1] == {
        "@type": "dpv:ConsentExpired",
        "dpv:isIndicatedAtTime": "2027-03-20T12:00:00.000Z",
    }


async def test_a_receipt_of_a_renewed_consent_says_so(room):
    first = await room.token()
    answer = await room.post("/consent", room.yes(token=first))
    record = record_in(await receipt_of(room, answer.json()["token"]))
    assert record["dpv:hasConsentStatus"][0]["@type"][0] == "dpv:RenewedConsentGiven"


async def test_asking_for_a_receipt_changes_nothing(room):
    token = await room.token()
    before = {name: rows for name, rows in room.dump().items() if name != "tallies"}
    await receipt_of(room, token)
    assert {name: rows for name, rows in room.dump().items() if name != "tallies"} == before


async def test_a_receipt_is_for_who_holds_the_token_and_for_pages_of_the_site(room):
    token = await room.token()
    content = room.deps.book.policy(room.site).content
    texts = {tag: {"x": 1} for tag in content["texts"]}
    other = await room.deps.book.add("Other", ["o.example"], "UTC", {**content, "texts": texts})
    swapped = {"site": other.key, "token": token}
    answers = [
        await ask(room, token[:-1]),
        await ask(room, ""),
        await ask(room, token, Origin="https://elsewhere.example"),
        await room.post("/consent/receipt", swapped, Origin="https://o.example"),
        await room.post("/consent/receipt", {"site": "nobody", "token": token}),
    ]
    codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in answers]
    assert codes == [
        (403, "bad_token"),
        (400, "malformed"),
        (403, "bad_origin"),
        (403, "other_site"),
        (403, "unknown_site"),
    ]


async def test_a_consent_that_the_ledger_has_lost_has_no_receipt(room):
    token = await room.token()
    room.sql("DELETE FROM consent_records")
    answer = await ask(room, token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_the_settings_say_where_the_data_is_and_how_the_server_is_reached(open_room):
    room = await open_room(storage_location="Frankfurt", public_url="https://ask.example.org")
    record = record_in(await receipt_of(room, await room.token()))
    process = record["dpv:hasProcess"][0]
    assert process["dpv:hasStorageCondition"][1]["dpv:hasLocation"] == "Frankfurt"
    address = f"https://ask.example.org/choice/{room.site.key}"
    assert record["dpv:hasConsentControl"]["dpv:isExercisedAt"] == address


@pytest.mark.parametrize(
    "host", ["visits.example.org@evil.example", "a b", "evil.example/x?", "a'b", ""]
)
async def test_no_address_is_signed_that_is_no_hosts_name(room, host):
    asked = {"site": room.site.key, "token": await room.token()}
    answer = await room.post("/consent/receipt", asked, Host=host)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


async def test_without_the_setting_the_address_is_the_host_that_was_asked(room):
    record = record_in(await receipt_of(room, await room.token()))
    address = f"https://visits.example.org/choice/{room.site.key}"
    assert record["dpv:hasConsentControl"]["dpv:isExercisedAt"] == address


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("www.example.org", 200),
        ("other.example.org:8443", 200),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("example.org.evil.example", 421),
        ("notexample.org", 421),
        ("org", 421),
        ("192.0.2.9", 421),
        ("[2001:db8::9]", 421),
        ("localhost.evil.example", 421),
    ],
)
async def test_without_the_setting_only_names_that_can_be_the_servers_are_signed(
    room, host, status
):
    asked = {"site": room.site.key, "token": await room.token()}
    answer = await room.post("/consent/receipt", asked, Host=host)
    assert answer.status_code == status
    if status == 200:
        assert f"//{host}/choice/" in answer.text
    else:
        assert answer.json()["error"]["code"] == "unknown_host"
        assert "public_url" in answer.json()["error"]["message"]
        assert host not in answer.text
        assert (await room.deps.tallies.read(room.site.id, "2000-01-01", "2999-12-31"))[
            "unknown_host"
        ] == 1


async def test_the_address_at_which_a_request_arrived_is_the_servers(room):
    """An owner who tries the server on a private network opens it by its address."""
    token = await room.token()
    app = room.browser._transport.app

    async def arrived(scope, receive, send):
        await app({**scope, "server": ("192.0.2.9", 8000)}, receive, send)

    transport = httpx2.ASGITransport(app=arrived)
    async with httpx2.AsyncClient(transport=transport, base_url="http://192.0.2.9:8000") as there:
        statuses = [
            (
                await there.post(
                    "/consent/receipt",
                    json={"site": room.site.key, "token": token},
                    headers={"Origin": "https://www.example.org", "Host": host},
                )
            ).status_code
            for host in ("192.0.2.9:8000", "192.0.2.10:8000")
        ]
    assert statuses == [200, 421]


@pytest.mark.parametrize("port", ["65536", "99999"])
async def test_no_receipt_is_signed_for_a_port_that_no_machine_has(room, port):
    asked = {"site": room.site.key, "token": await room.token()}
    answer = await room.post("/consent/receipt", asked, Host=f"www.example.org:{port}")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"


async def test_the_page_signs_for_no_foreign_name_either(room):
    data = {"token": await room.token(), "download": "1"}
    path = f"/receipt/{room.site.key}"
    for fields in (data, {"token": data["token"]}):
        answer = await room.browser.post(path, data=fields, headers={"Host": "evil.example"})
        assert answer.status_code == 421
        assert "evil.example" not in answer.text


async def test_two_receipts_of_one_consent_differ_in_when_they_were_made_only(room):
    token = await room.token()
    one = await receipt_of(room, token)
    room.clock.now += 60_000
    two = await receipt_of(room, token)
    differing = {name for name in one if one[name] != two[name]}
    assert differing == {"@id", "dct:created", "proof"}


async def test_each_number_at_the_top_of_a_receipt_is_that_of_its_consent(room):
    receipt = await receipt_of(room, await room.token())
    [row] = room.rows("consent_records")
    for name in ("@id", "dct:identifier", "dpv:hasIdentifier"):
        assert numbers_in(receipt[name]) == [row["consent_id"]]
