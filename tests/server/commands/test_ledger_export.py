"""`askfirst ledger export`: the chain can be checked from the file alone, which names nobody."""

import csv
import errno
import hashlib
import io
import json
import re
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from askfirst.text.spreadsheets import original
from consent.policy.wording import default_policy
from consent.proof.records import SEALED
from reports.records.rows import COLUMNS
from tests.server.checks.test_verify import column, in_thread, run, sql
from tests.world import Browser, open_world

DOCS = Path(__file__).parents[3] / "docs" / "receipts.md"


@pytest.fixture
async def folder(tmp_path):
    """Yield the folder of a running server with consents of two sites, one erased."""
    async with open_world(tmp_path, choices_per_minute=1_000_000) as world:
        content = default_policy("Ötherß", "Other", "privacy@example.org", "")
        other = await world.services.book.add("Other", ["example.org"], "UTC", content)
        browsers = [Browser(world.client, site) for site in (world.site, other, world.site)]
        for browser in browsers:
            assert (await browser.accept()).status_code == 200
            world.clock.move(minutes=1)
        await browsers[0].withdraw()
        await browsers[2].erase()
        world.services.settings.data_folder.joinpath("keys-of-sites").write_text(other.key)
        yield tmp_path / "data"


def export(folder, *words):
    return in_thread(run, "ledger", "export", *words, "--data", folder)


def records_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def checked(path):
    """Run the program of docs/receipts.md on an export, as an auditor would."""
    [program] = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    command = [sys.executable, "-I", "-W", "ignore", "-c", program, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def seal_again(record):
    """Seal a record by the words of docs/receipts.md alone."""
    ms = {
        name: round(datetime.fromisoformat(record[name]).timestamp() * 1000)
        for name in ("event_time", "valid_until")
    }
    sealed = {name: record[name] for name in SEALED} | ms
    body = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((record["previous_hash"] + body).encode()).hexdigest()


async def test_the_whole_chain_can_be_checked_from_the_file_alone(folder, tmp_path):
    target = tmp_path / "records.jsonl"
    code, said = export(folder, target)
    records = records_of(target)
    ran = checked(target)

    assert (code, "holds 5 records" in " ".join(said.split())) == (0, True)
    assert [record["hash"] for record in records] == column(folder, "hash")
    assert [seal_again(record) for record in records] == column(folder, "hash")
    assert (ran.returncode, "Breaks between two lines: 0" in ran.stdout) == (0, True), ran.stderr
    assert ran.stdout.strip().endswith(column(folder, "hash")[-1])


async def test_the_records_of_one_site_are_checked_each_by_itself(folder, tmp_path):
    target, key = tmp_path / "records.jsonl", (folder / "keys-of-sites").read_text()
    code, _ = export(folder, target, "--site", key)
    records = records_of(target)

    assert code == 0
    assert [record["site"] for record in records] == [key]
    assert checked(target).returncode == 0


async def test_a_changed_export_is_seen(folder, tmp_path):
    target = tmp_path / "records.jsonl"
    export(folder, target)
    target.write_text(target.read_text("utf-8").replace("statistics", "everything", 1), "utf-8")
    ran = checked(target)

    assert (ran.returncode, "is not what was sealed" in ran.stderr) == (1, True)


async def test_a_csv_export_holds_the_same(folder, tmp_path):
    export(folder, tmp_path / "records.csv")
    export(folder, tmp_path / "records.jsonl")
    text = (tmp_path / "records.csv").read_bytes().decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    parsed = ("seq", "site_id", "policy_version", "purposes", "signals")
    back = [
        {name: json.loads(one) if name in parsed else original(one) for name, one in row.items()}
        for row in table
    ]

    assert (tmp_path / "records.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert back == records_of(tmp_path / "records.jsonl")


async def test_law_9_the_file_names_nobody(folder, tmp_path):
    for name in ("a.csv", "a.jsonl"):
        export(folder, tmp_path / name)
        text = (tmp_path / name).read_text("utf-8")
        secrets = [one for kind in ("visitor_id", "nonce") for one in column(folder, kind) if one]
        assert secrets
        assert not [one for one in secrets if one in text]
    assert set(SEALED) | {"seq", "site", "previous_hash", "hash"} == set(COLUMNS)


async def test_the_file_is_its_owners_alone_and_nothing_is_written_over(folder, tmp_path):
    target = tmp_path / "records.csv"
    first = export(folder, target)
    before = target.read_bytes()
    again = export(folder, target)

    assert (first[0], again[0]) == (0, 2)
    assert "already" in again[1]
    assert target.read_bytes() == before
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_an_export_that_cannot_be_made_is_an_error_and_leaves_no_file(folder, tmp_path):
    target = tmp_path / "records.csv"
    unknown = export(folder, target, "--site", "0000000000000000")
    wrong = export(folder, target, "--format", "xlsx")
    nowhere = export(folder, tmp_path / "none" / "records.csv")
    empty = in_thread(run, "ledger", "export", target, "--data", tmp_path / "empty")
    sql(folder, "UPDATE consent_records SET purposes = 'oops' WHERE seq = 2")
    damaged = export(folder, target)

    assert [code for code, _ in (unknown, wrong, nowhere, empty, damaged)] == [2] * 5
    assert "no site with this key" in unknown[1]
    assert "There is no ledger" in empty[1]
    assert "cannot be read" in " ".join(damaged[1].split())
    assert not target.exists()


async def test_exporting_writes_nothing_to_the_ledger(folder, tmp_path):
    before = (folder / "ledger.db").read_bytes(), column(folder, "hash")
    export(folder, tmp_path / "records.csv")
    assert ((folder / "ledger.db").read_bytes(), column(folder, "hash")) == before


async def test_the_format_can_be_chosen_by_an_option(folder, tmp_path):
    export(folder, tmp_path / "records.txt", "--format", "jsonl")
    assert len(records_of(tmp_path / "records.txt")) == 5


async def test_a_full_disk_is_an_error_and_leaves_no_file(folder, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr("askfirst.system.durable_files.os.fsync", full)
    code, said = export(folder, tmp_path / "records.csv")
    monkeypatch.undo()

    assert code == 2
    assert "cannot be written: No space left on device" in " ".join(said.split())
    assert not (tmp_path / "records.csv").exists()
