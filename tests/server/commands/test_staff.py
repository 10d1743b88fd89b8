"""`askfirst staff`: accounts are listed, and a lost password gets a link, server running or not."""

import asyncio
import errno
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import insert, select

from askfirst.clock import system_clock
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.tables import staff, staff_acts
from benchmarks.load.serving import askfirst_command, free_port, serving
from server.startup.data_folder import locked
from server.startup.running_address import kept_address, running_address
from tests.reports.garden import HASH
from tests.server.http.test_serving import stopped

NEW = "seven red boats at dawn"


def a_folder(tmp_path: Path, *emails: str) -> Path:
    """Make a data folder whose ledger has accounts."""

    tmp_path.mkdir(exist_ok=True)

    async def make() -> None:
        ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
        async with ledger.write() as connection:
            for email in emails:
                row = {"email": email, "password_hash": HASH, "created_at": system_clock()}
                await connection.execute(insert(staff), [row])
        await ledger.close()

    asyncio.run(make())
    return tmp_path


def acts_in(folder: Path) -> list[tuple[str, str]]:
    async def read() -> list[tuple[str, str]]:
        ledger = await Ledger.open_to_read(folder / "ledger.db")
        async with ledger.read() as connection:
            found = await connection.execute(select(staff_acts.c.who, staff_acts.c.act))
            rows = [(row[0], row[1]) for row in found]
        await ledger.close()
        return rows

    return asyncio.run(read())


def test_accounts_are_listed_without_their_secrets(tmp_path):
    folder = a_folder(tmp_path, "b@example.org", "a@example.org")
    ended = stopped("staff", "list", "--data", str(folder))

    assert ended.returncode == 0, ended.stderr
    assert re.findall(r"^\S+@\S+", ended.stdout, re.M) == ["a@example.org", "b@example.org"]
    assert "argon2" not in ended.stdout


def test_the_link_sets_a_new_password_while_the_server_runs(tmp_path):
    """It is hashed as RFC 9106 has it for 64 MiB; tests within one process pay less (paid_once)."""
    folder, port = a_folder(tmp_path / "data", "owner@example.org"), free_port()
    with serving(askfirst_command(folder, port), port, PATH="") as server:
        ended = stopped("staff", "reset", "--data", str(folder))
        address, code = re.findall(r"^(http://\S+)/reset#code=(\S+)$", ended.stdout, re.M)[0]
        with httpx2.Client(base_url=server.address, headers={"Origin": server.address}) as client:
            answer = client.post("/reset", data={"code": code, "password_new": NEW})
            inside = client.get("/account")

    assert address == server.address
    assert not (folder / "address").exists()
    assert answer.status_code == 303, answer.text
    assert inside.status_code == 200
    assert ("owner@example.org", "reset_link_made") in acts_in(folder)
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        [(stored,)] = ledger.execute("SELECT password_hash FROM staff")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_code_stands_in_no_line_of_the_log(tmp_path):
    folder = a_folder(tmp_path, "owner@example.org")
    ended = stopped("staff", "reset", "--data", str(folder))
    [code] = re.findall(r"#code=(\S+)", ended.stdout)

    assert '"act": "reset_link_made"' in ended.stderr
    assert code not in ended.stderr
    assert ended.stdout.count("staff_act") == 0


def test_the_note_of_a_server_that_does_not_run_any_more_is_not_used(tmp_path):
    folder = a_folder(tmp_path, "owner@example.org")
    (folder / "address").write_text("http://127.0.0.1:1")
    ended = stopped("staff", "reset", "--data", str(folder), ASKFIRST_PORT="8123")

    assert "\nhttp://127.0.0.1:8123/reset#code=" in ended.stdout
    assert "put that one before /reset" in ended.stdout


@pytest.mark.parametrize("note", ["", "elsewhere", "javascript:1", "http://a b", "http://x\n\n"])
def test_a_note_that_is_no_address_says_nothing(tmp_path, note):
    (tmp_path / "address").write_text(note)
    with locked(tmp_path):
        assert running_address(tmp_path) == ""
    (tmp_path / "address").write_text("http://127.0.0.1:1")
    with locked(tmp_path):
        assert running_address(tmp_path) == "http://127.0.0.1:1"


def test_the_address_is_noted_for_the_owner_alone_while_the_server_runs(tmp_path):
    with locked(tmp_path), kept_address(tmp_path, "http://127.0.0.1:1"):
        path = tmp_path / "address"
        assert path.stat().st_mode & 0o077 == 0
        assert running_address(tmp_path) == path.read_text() == "http://127.0.0.1:1"
    assert not path.exists()


def test_a_disk_that_takes_no_note_keeps_no_server_from_its_work(tmp_path, monkeypatch):
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("server.startup.running_address.write_durably", full)
    with locked(tmp_path), kept_address(tmp_path, "http://127.0.0.1:1"):
        assert running_address(tmp_path) == ""


def test_a_link_begins_with_the_public_address(tmp_path):
    folder = a_folder(tmp_path, "owner@example.org")
    environment = {"ASKFIRST_PUBLIC_URL": "https://stats.example.org"}
    ended = stopped("staff", "reset", "--data", str(folder), **environment)

    assert "\nhttps://stats.example.org/reset#code=" in ended.stdout


@pytest.mark.parametrize(
    ("emails", "given", "sentence"),
    [
        ([], [], "There is no account yet"),
        (["a@example.org", "b@example.org"], [], "several accounts"),
        (["a@example.org"], ["--email", "[b]@example.org"], "no account with this address"),
    ],
)
def test_a_link_that_cannot_be_made_is_an_error_in_a_sentence(tmp_path, emails, given, sentence):
    folder = a_folder(tmp_path, *emails)
    ended = stopped("staff", "reset", "--data", str(folder), *given)

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "#code=" not in ended.stdout
    assert acts_in(folder) == []


def test_one_of_several_accounts_is_named_however_it_is_written(tmp_path):
    folder = a_folder(tmp_path, "a@example.org", "b@example.org")
    ended = stopped("staff", "reset", "--data", str(folder), "--email", " B@Example.org")

    assert ended.returncode == 0, ended.stderr
    assert acts_in(folder) == [("b@example.org", "reset_link_made")]


@pytest.mark.parametrize("command", ["list", "reset"])
def test_a_folder_without_a_ledger_is_an_error_and_none_is_made(tmp_path, command):
    ended = stopped("staff", command, "--data", str(tmp_path / "none"))

    assert ended.returncode == 2
    assert "There is no ledger" in ended.stderr
    assert not (tmp_path / "none").exists()


def test_law_7_a_damaged_log_is_kept_and_said_before_the_ledger_is_opened_to_write(tmp_path):
    folder = a_folder(tmp_path / "data", "owner@example.org")
    log, made = folder / "ledger.db-wal", tmp_path / "made"
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        for _ in range(3):
            connection.execute("UPDATE staff SET created_at = created_at + 1")
        content = bytearray(log.read_bytes())
        made.write_bytes((folder / "ledger.db").read_bytes())
    content[-2000] ^= 1
    (folder / "ledger.db").write_bytes(made.read_bytes())
    log.write_bytes(content)
    ended = stopped("staff", "reset", "--data", str(folder))

    assert ended.returncode == 0, ended.stderr
    assert "The ledger's log was damaged and set aside as ledger.db-wal.damaged-" in ended.stderr
    assert [one.read_bytes() for one in folder.glob("*.damaged-*")] == [bytes(content)]


def test_accounts_of_a_ledger_of_the_first_form_are_listed_and_it_stays_as_it_is(tmp_path):
    folder = a_folder(tmp_path, "owner@example.org")
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("ALTER TABLE staff DROP COLUMN password_changed_at")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    before = (folder / "ledger.db").read_bytes()
    ended = stopped("staff", "list", "--data", str(folder))

    assert ended.returncode == 0, ended.stderr
    assert "owner@example.org  created" in ended.stdout
    assert (folder / "ledger.db").read_bytes() == before
