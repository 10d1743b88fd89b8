"""A restore takes the files it knows, as large as the manifest says, and overwrites nothing."""

import asyncio
import hashlib
import io
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.tables import (
    account_links,
    account_messages,
    account_sessions,
    mail_subscriptions,
    mails,
    sessions,
    setup_links,
    staff,
    visitor_accounts,
    visitor_mails,
)
from server.backups.backup import COPIED, MANIFEST, copy_stores
from server.backups.backup_request import answer_requests
from server.backups.later_decisions import NONE
from server.backups.restore import SETTINGS_ASIDE, Restored, restore
from server.cli import commands
from server.services import open_services
from server.startup.data_folder import RESTORING
from server.startup.keys import load_sealing
from tests.factories import NOON, StoppedClock, settings_in
from tests.world import open_world

SETTINGS = """
port = 9000
public_url = "https://ask.example.org"
storage_location = "\\u001b[2J"
places_url = "https://me:licence@files.example/city.mmdb"
"""
OUTSIDE = (
    "../keys",
    "/keys",
    "a/../../keys",
    "..",
    "a\x00b",
    "a\\..\\b",
    "c:keys",
    "a" * 300,
)


class Entry(NamedTuple):
    """A member of a tar archive."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    pax: dict[str, str] | None = None
    link: str = ""


def write_tar(path: Path, entries: list[Entry]) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as packed:
        for entry in entries:
            member = tarfile.TarInfo(entry.name)
            member.type, member.linkname, member.pax_headers = (
                entry.type,
                entry.link,
                entry.pax or {},
            )
            member.size = len(entry.content)
            packed.addfile(member, io.BytesIO(entry.content))


def with_manifest(contents: dict[str, bytes], **changes: Any) -> list[Entry]:
    facts: dict[str, Any] = {
        "format": 1,
        "version": "0.1.0",
        "made_at": NOON,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "counts": {},
        "sizes": {name: len(content) for name, content in contents.items()},
    }
    text = json.dumps(facts | changes).encode()
    return [*(Entry(name, content) for name, content in contents.items()), Entry(MANIFEST, text)]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a complete backup, as a folder, with a signed-in owner, settings and foreign files."""
    folder = tmp_path_factory.mktemp("backed-up")

    async def make() -> None:
        async with open_world(folder) as world:
            data = folder / "data"
            browser = world.browser()
            await browser.accept()
            await browser.send()
            async with world.services.ledger.write() as connection:
                await connection.execute(insert(staff).values(_PERSON))
                await connection.execute(insert(sessions).values(_SESSION))
                await connection.execute(insert(setup_links).values(_LINK))
                await connection.execute(insert(mail_subscriptions).values(_WANTED))
                await connection.execute(insert(mails), [_SENT, _WAITING])
                for table, row in _ACCOUNT.items():
                    await connection.execute(insert(table).values(row))
                sealed = load_sealing(data).seal("a@example.org", email_place("a"))
                await connection.execute(update(visitor_accounts).values(email=sealed))
            await asyncio.to_thread((data / "askfirst.toml").write_text, SETTINGS)
            await asyncio.to_thread((data / "notes.txt").write_text, "of the owner")
            await asyncio.to_thread((data / "passwd").symlink_to, "/etc/passwd")
            await asyncio.to_thread((data / "lost-times").symlink_to, "/etc/passwd")
            await asyncio.to_thread((folder / "backup").mkdir)
            await copy_stores(world.services, folder / "backup")

    asyncio.run(make())
    return folder / "backup"


_PERSON = {"id": 1, "email": "o@example.org", "password_hash": "x", "created_at": 0}
_SESSION = {
    "id_hash": b"s" * 32,
    "staff_id": 1,
    "csrf": "c",
    "created_at": 0,
    "expires_at": 2**53,
}
_WANTED = {
    "id": 1,
    "site_id": 1,
    "staff_id": 1,
    "what": "day",
    "hour": 7,
    "silent_hours": 3,
    "since": 0,
}
_SENT = {
    "site_id": 1,
    "subscription_id": 1,
    "about": "a day",
    "facts": {},
    "state": "sent",
    "made_at": 0,
    "next_at": 0,
    "ended_at": 1,
}
_WAITING = {**_SENT, "about": "the next", "state": "waiting", "ended_at": None}
_TIMES = {"account_id": "a", "created_at": 0, "expires_at": 2**53}
_ACCOUNT: dict[Any, dict[str, Any]] = {
    visitor_accounts: {
        "id": "a",
        "site_id": 1,
        "email_hash": b"h",
        "email": b"e",
        "language": "en",
        "created_at": 0,
    },
    account_sessions: {**_TIMES, "id_hash": b"s", "csrf": "c"},
    account_links: {**_TIMES, "code_hash": b"c", "what": "sign_in"},
    account_messages: {"account_id": "a", "kind": "policy", "since": 0},
    visitor_mails: {
        "site_id": 1,
        "account_id": "a",
        "what": "known",
        "about": "x",
        "state": "due",
        "made_at": 0,
        "next_at": 0,
    },
}
_LINK = {"token_hash": b"l" * 32, "created_at": 0, "expires_at": 2**53, "staff_id": 1}


def files_of(backup: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in backup.iterdir() if p.name != MANIFEST}


def restored(source: Path, folder: Path, **how: Any) -> Restored:
    return restore(source, settings_in(folder), NONE, StoppedClock(NOON + 60_000), **how)


def run(*words: object) -> tuple[int, str]:
    ended = CliRunner().invoke(commands, [str(word) for word in words])
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    return ended.exit_code, " ".join(ended.output.split())


def refused(tmp_path: Path, entries: list[Entry]) -> str:
    """Try to restore a tar of these members; return the sentence; check that nothing is left."""
    write_tar(tmp_path / "hostile.tar", entries)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Misconfigured) as error:
        restored(tmp_path / "hostile.tar", tmp_path / "new")
    assert set(tmp_path.rglob("*")) - before <= {tmp_path / "new"}
    assert list((tmp_path / "new").iterdir()) == []
    return str(error.value)


def test_a_backup_holds_the_known_files_and_nothing_that_a_link_points_to(backup: Path):
    assert {path.name for path in backup.iterdir()} <= {*COPIED, MANIFEST}
    assert not (backup / "lost-times").exists()
    assert b"root:" not in b"".join(files_of(backup).values())
    sizes = json.loads((backup / MANIFEST).read_text())["sizes"]
    assert sizes == {name: len(content) for name, content in files_of(backup).items()}


def test_settings_of_a_backup_are_printed_and_kept_beside_until_they_are_wanted(
    backup: Path, tmp_path: Path
):
    code, said = run("restore", backup, tmp_path / "new")

    assert code == 0
    assert 'set port = 9000, public_url = "https://ask.example.org"' in said
    assert "places_url = an address" in said
    assert "licence" not in said
    assert "\x1b" not in said
    assert "They are not in force: rename" in said
    assert not (tmp_path / "new" / "askfirst.toml").exists()
    assert (tmp_path / "new" / SETTINGS_ASIDE).read_text() == SETTINGS
    assert (tmp_path / "new" / SETTINGS_ASIDE).stat().st_mode & 0o777 == 0o600


def test_settings_of_a_backup_are_put_into_force_by_the_option(backup: Path, tmp_path: Path):
    code, said = run("restore", backup, tmp_path / "new", "--with-settings")

    assert code == 0
    assert "They are in force." in said
    assert (tmp_path / "new" / "askfirst.toml").read_text() == SETTINGS
    assert not (tmp_path / "new" / SETTINGS_ASIDE).exists()


@pytest.mark.parametrize("text", ["colour = 'blue'\n", "port = [", "a = " + "[" * 9999, "\x00"])
def test_wrong_settings_are_not_put_into_force(backup: Path, tmp_path: Path, text: str):
    files = files_of(backup) | {"askfirst.toml": text.encode()}
    write_tar(tmp_path / "backup.tar", with_manifest(files))
    code, _ = run("restore", tmp_path / "backup.tar", tmp_path / "new", "--with-settings")

    assert code == 2
    assert list((tmp_path / "new").iterdir()) == []
    assert run("restore", tmp_path / "backup.tar", tmp_path / "new")[0] == 0


def test_a_backup_without_settings_says_that_too(backup: Path, tmp_path: Path):
    files = files_of(backup)
    del files["askfirst.toml"]
    write_tar(tmp_path / "backup.tar", with_manifest(files))

    assert "holds no settings file" in run("restore", tmp_path / "backup.tar", tmp_path / "new")[1]


def test_nobody_is_signed_in_after_a_restore_and_no_link_works(backup: Path, tmp_path: Path):
    restored(backup, tmp_path / "new" / "data")

    async def left() -> list[int]:
        async with (
            open_world(tmp_path / "new") as world,
            world.services.ledger.read() as connection,
        ):
            tables = (staff, sessions, setup_links, mails, mail_subscriptions, *_ACCOUNT)
            return [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in tables
            ]

    assert asyncio.run(left()) == [1, 0, 0, 1, 1, 1, 0, 0, 0, 0]
    assert "Everybody is signed out." in run("restore", backup, tmp_path / "other")[1]


def test_a_restore_says_that_keys_of_the_api_and_share_links_are_gone(backup: Path, tmp_path: Path):
    told = run("restore", backup, tmp_path / "new" / "data")[1]

    assert "Keys of the API and share links are gone" in " ".join(told.split())


def test_a_mail_of_the_backup_is_stopped_until_somebody_wants_it_again(
    backup: Path, tmp_path: Path
):
    code, told = run("restore", backup, tmp_path / "new" / "data")[:2]

    async def stopped() -> list[int | None]:
        async with (
            open_world(tmp_path / "new") as world,
            world.services.ledger.read() as connection,
        ):
            return list(await connection.scalars(select(mail_subscriptions.c.stopped_at)))

    assert code == 0
    assert "Reports and alerts by mail: 1 are stopped" in told
    assert asyncio.run(stopped()) == [0]


def test_a_restore_says_what_it_carried_out_and_what_it_cannot_know(backup: Path, tmp_path: Path):
    (tmp_path / "list").write_text(f"deleted {'0' * 16}\n")
    told = run("restore", backup, tmp_path / "new", "--decisions-from", tmp_path / "list")[1]
    alone = run("restore", backup, tmp_path / "other")[1]

    assert "Later decisions: 0 withdrawals, 0 erasures, 0 deleted sites." in told
    assert "Erasures, withdrawals and deletions of sites made after the backup" in alone
    assert "are unknown here" not in told


def test_a_check_takes_the_folder_as_an_argument_or_by_data_and_not_by_both(
    backup: Path, tmp_path: Path
):
    restored(backup, tmp_path / "new")
    for words in (("check", tmp_path / "new"), ("check", "--data", tmp_path / "new")):
        assert run(*words) == (0, "Ledger, journal and warehouse agree.")
    code, said = run("check", tmp_path / "new", "--data", tmp_path / "other")

    assert code == 2
    assert "Name the folder once" in said


def test_law_6_a_restore_that_is_cut_short_before_its_decisions_is_not_started_on(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    noted: list[bool] = []

    async def carry_out(*_: object) -> object:
        noted.append((tmp_path / "new" / RESTORING).exists())
        raise Misconfigured("The power is gone.")

    monkeypatch.setattr("server.backups.restore.carry_out", carry_out)
    with monkeypatch.context() as patched:
        patched.setattr("server.backups.restore._empty", lambda _folder: None)
        with pytest.raises(Misconfigured):
            restored(backup, tmp_path / "new")
    assert noted == [True]
    for words in (("check", tmp_path / "new"), ("check", tmp_path / "new", "--repair")):
        assert "did not end" in run(*words)[1]
    shutil.rmtree(tmp_path / "new")
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_whose_manifest_has_no_sizes_is_restored(backup: Path, tmp_path: Path):
    entries = with_manifest(files_of(backup))
    facts = json.loads(entries[-1].content)
    del facts["sizes"]
    write_tar(tmp_path / "old.tar", [*entries[:-1], Entry(MANIFEST, json.dumps(facts).encode())])

    assert restored(tmp_path / "old.tar", tmp_path / "new").left_out == ()


@pytest.mark.parametrize(
    "name", ["notes.txt", "assets/charts-1.js.gz", "KEYS", "retaining", "Lock"]
)
def test_a_file_that_is_not_known_is_left_out_and_named(backup: Path, tmp_path: Path, name: str):
    write_tar(tmp_path / "old.tar", with_manifest(files_of(backup) | {name: b"alert(1)"}))
    code, said = run("restore", tmp_path / "old.tar", tmp_path / "new")

    assert code == 0
    assert f"no file of that name: {name}." in said
    assert all(p.read_bytes() != b"alert(1)" for p in (tmp_path / "new").rglob("*") if p.is_file())


SPARSE = {
    "old": {"GNU.sparse.size": str(1 << 31), "GNU.sparse.map": "0,1"},
    "new": {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "ledger.db",
        "GNU.sparse.realsize": str(1 << 31),
    },
}


@pytest.mark.parametrize("form", SPARSE)
def test_a_file_with_holes_is_refused_before_anything_is_written(tmp_path: Path, form: str):
    files = dict.fromkeys(("journal.db", "warehouse.duckdb", "keys"), b"x")
    holes = Entry("ledger.db", b"1\n0\n1\n".ljust(512, b"\0") + b"x", pax=SPARSE[form])
    said = refused(tmp_path, [holes, *with_manifest(files)])

    assert "holes" in said


def test_a_file_with_holes_of_the_oldest_form_is_refused(backup: Path, tmp_path: Path):
    """GNU's own header says where the holes are, and how long the file is."""
    member = tarfile.TarInfo("ledger.db")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 512
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"00000000000\0" + b"00000001000\0"
    header[483:495] = b"20000000000\0"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    rest = tmp_path / "rest.tar"
    write_tar(rest, with_manifest(files_of(backup)))
    (tmp_path / "holes.tar").write_bytes(bytes(header) + b"x" * 512 + rest.read_bytes())
    with pytest.raises(Misconfigured, match=r"holes|link or a device"):
        restored(tmp_path / "holes.tar", tmp_path / "new")

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    "type_",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE],
)
@pytest.mark.parametrize("name", ["keys", "other"])
def test_a_link_or_a_device_is_refused(backup: Path, tmp_path: Path, type_: bytes, name: str):
    files = {n: content for n, content in files_of(backup).items() if n != name}
    odd = Entry(name, type=type_, link="/etc/passwd")

    assert "link or a device" in refused(tmp_path, [odd, *with_manifest(files)])


def test_a_name_that_is_there_twice_is_refused(backup: Path, tmp_path: Path):
    entries = with_manifest(files_of(backup))

    assert "twice" in refused(tmp_path, [Entry("keys", b"of mine"), *entries])
    assert "twice" in refused(tmp_path, [*entries, entries[-1]])


def test_a_file_that_the_manifest_does_not_name_is_refused(backup: Path, tmp_path: Path):
    files = files_of(backup)
    said = refused(tmp_path, [Entry("lost-times", b"1 2\n"), *with_manifest(files)])

    assert "does not name" in said


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_of_the_folder_is_refused(backup: Path, tmp_path: Path, name: str):
    entries = with_manifest(files_of(backup))
    facts = json.loads(entries[-1].content)
    facts["files"][name] = "0" * 64
    text = json.dumps(facts).encode()

    assert "outside" in refused(tmp_path, [*entries[:-1], Entry(MANIFEST, text)])


@pytest.mark.parametrize("name", ["ledger.db", "journal.db", "warehouse.duckdb", "keys"])
def test_a_backup_that_lacks_what_it_must_have_is_refused(backup: Path, tmp_path: Path, name: str):
    files = files_of(backup)
    whole = with_manifest(files)
    without = [entry for entry in whole if entry.name != name]
    del files[name]

    assert name in refused(tmp_path, without)
    assert name in refused(tmp_path, with_manifest(files))


def test_a_size_that_is_not_what_the_manifest_says_is_refused(backup: Path, tmp_path: Path):
    files = files_of(backup)
    sizes = {name: len(content) for name, content in files.items()} | {"keys": 1}

    assert "its size is another one" in refused(tmp_path, with_manifest(files, sizes=sizes))


def test_a_size_that_is_longer_than_the_archive_is_refused(backup: Path, tmp_path: Path):
    files = files_of(backup)
    long = Entry("keys", files.pop("keys"), pax={"size": str(1 << 40)})

    refused(tmp_path, [*with_manifest(files), long])


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"made_at": -1},
        {"made_at": 10**18},
        {"made_at": "now"},
        {"files": []},
        {"files": {}},
        {"sizes": {"keys": -1}},
        {"counts": {"events": "[/x]"}},
    ],
)
def test_a_manifest_that_is_none_is_refused(backup: Path, tmp_path: Path, changes: dict[str, Any]):
    refused(tmp_path, with_manifest(files_of(backup), **changes))


def test_a_backup_of_a_time_to_come_is_refused_and_one_of_a_fast_clock_is_not(
    backup: Path, tmp_path: Path
):
    day = 86_400_000
    files = files_of(backup)

    assert "yet to come" in refused(tmp_path, with_manifest(files, made_at=NOON + 2 * day))
    write_tar(tmp_path / "fast.tar", with_manifest(files, made_at=NOON + day))
    assert restored(tmp_path / "fast.tar", tmp_path / "new").withdrawn == 0


def test_counts_that_no_file_can_hold_are_refused(backup: Path, tmp_path: Path):
    entries = with_manifest(files_of(backup), counts={"events": 10**15})

    assert "counts more rows" in refused(tmp_path, entries)


def test_a_restore_says_since_when_consents_are_refused(backup: Path, tmp_path: Path):
    write_tar(tmp_path / "old.tar", with_manifest(files_of(backup), made_at=0))
    code, said = run("restore", tmp_path / "old.tar", tmp_path / "new")

    assert code == 0
    assert "Consents given since 1970-01-01T00:00:00" in said


def test_a_pipe_is_neither_a_backup_nor_a_list_of_decisions(backup: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    assert run("restore", tmp_path / "pipe", tmp_path / "new")[0] == 2
    later = ("--decisions-from", tmp_path / "pipe")
    assert run("restore", backup, tmp_path / "new", *later)[0] == 2


def test_what_the_system_refuses_is_an_error_with_the_path_that_was_given(backup: Path):
    code, said = run("restore", backup, "/proc/x")

    assert code == 2
    assert "/proc/x: No such file or directory." in said


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 99999, b"\xff", b" " * ((1 << 20) + 1)])
def test_a_manifest_that_cannot_be_read_is_refused(backup: Path, tmp_path: Path, content: bytes):
    entries = with_manifest(files_of(backup))[:-1]

    refused(tmp_path, [*entries, Entry(MANIFEST, content)])


def test_a_disk_without_room_is_an_error_before_anything_is_written(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: shutil._ntuple_diskusage(9, 9, 1000))
    with pytest.raises(Misconfigured, match=r"There is no room in .* MB, and 1 MB are free"):
        restored(backup, tmp_path / "new")

    assert list((tmp_path / "new").iterdir()) == []


def test_a_link_in_a_backup_folder_is_not_followed(backup: Path, tmp_path: Path):
    shutil.copytree(backup, tmp_path / "backup")
    (tmp_path / "backup" / "keys").rename(tmp_path / "keys")
    (tmp_path / "backup" / "keys").symlink_to(tmp_path / "keys")
    with pytest.raises(Misconfigured, match="lacks the file keys"):
        restored(tmp_path / "backup", tmp_path / "new")


class Ended(BaseException):
    """Raised in place of a kill: none of our code handles it."""


def ended_after(removed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end after so many removals; the mark comes first in the folder."""
    unlink, listed, left = os.unlink, Path.iterdir, [removed]

    def last(path: Any, **where: Any) -> None:
        if left[0] == 0:
            raise Ended
        left[0] -= 1
        unlink(path, **where)

    def mark_first(self: Path) -> Any:
        return iter(sorted(listed(self), key=lambda path: path.name != RESTORING))

    def failing(*_: object) -> None:
        monkeypatch.setattr(os, "unlink", last)
        raise Misconfigured("The later decisions could not be carried out.")

    monkeypatch.setattr(Path, "iterdir", mark_first)
    monkeypatch.setattr("server.backups.restore.carry_out", failing)


@pytest.mark.parametrize("removed", range(12))
def test_law_6_a_failed_restore_that_ends_while_it_empties_the_folder_is_not_started_on(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removed: int
):
    """Otherwise a server would run on it without the erasures made after the backup."""
    folder = tmp_path / "new"
    with monkeypatch.context() as patched:
        ended_after(removed, patched)
        with pytest.raises((Ended, Misconfigured)):
            restored(backup, folder)
    left = {path.name for path in folder.iterdir()}

    assert RESTORING in left or not left
    if left:
        with pytest.raises(Misconfigured, match="did not end"):
            asyncio.run(start(folder))


async def start(folder: Path) -> None:
    async with open_services(settings_in(folder)):
        pass


def test_the_mark_of_a_restore_is_removed_when_the_rest_is_gone_for_good(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder, fsync, seen = tmp_path / "new", os.fsync, []

    def noting(descriptor: int) -> None:
        fsync(descriptor)
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")) == folder:
            seen.append({path.name for path in folder.iterdir()})

    monkeypatch.setattr(os, "fsync", noting)
    monkeypatch.setattr("server.backups.restore.carry_out", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restored(backup, folder)

    assert seen[-2:] == [{RESTORING}, set()]


names = st.one_of(
    st.sampled_from([*COPIED, MANIFEST, *OUTSIDE, "./keys", "KEYS", "restoring", "lock", "a/b"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
types = st.sampled_from(
    [*[tarfile.REGTYPE] * 6, *(bytes([n]) for n in b"1234567SLKxgAZ"), tarfile.DIRTYPE]
)
headers = st.dictionaries(
    st.sampled_from(["size", "path", "linkpath", "GNU.sparse.map", "GNU.sparse.size", "mtime"]),
    st.sampled_from(["", "-1", "0", "7", "999999999999999999999", "0,1", "../x", "/tmp/x", "nan"]),
    max_size=2,
)
entries = st.builds(Entry, names.filter(bool), st.binary(max_size=700), types, headers, names)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=st.lists(entries, max_size=4), cut=st.integers(0, 4000), first=st.booleans())
def test_whatever_an_archive_holds_nothing_is_written_outside_or_left_behind(
    tmp_path: Path, odd: list[Entry], cut: int, first: bool
):
    good = with_manifest(dict.fromkeys(COPIED, b"x"))
    try:
        write_tar(tmp_path / "a.tar", [*odd, *good] if first else [*good, *odd])
    except (ValueError, UnicodeError, OverflowError):
        return  # no archive can hold this
    if cut > 2000:
        content = (tmp_path / "a.tar").read_bytes()
        (tmp_path / "a.tar").write_bytes(content[: -(cut % len(content)) or None])
    with pytest.raises(Misconfigured):  # its stores are no databases
        restored(tmp_path / "a.tar", tmp_path / "new")

    assert list((tmp_path / "new").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"a.tar", "new"}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=1500))
def test_bytes_that_are_no_archive_are_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(Misconfigured):
        restored(tmp_path / "a.tar", tmp_path / "new")


async def test_a_request_is_not_answered_through_a_link(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "whole").mkdir(parents=True)
    async with open_world(tmp_path) as world:
        data = tmp_path / "data"
        (data / "backup-one").symlink_to(elsewhere)
        (elsewhere / "request").touch()
        (data / "backup-two").mkdir()
        (data / "backup-two" / "whole").symlink_to(elsewhere)
        (data / "backup-two" / "request").touch()
        await answer_requests(world.services)

    assert sorted(path.name for path in elsewhere.iterdir()) == ["request", "whole"]
    assert list((elsewhere / "whole").iterdir()) == []


async def test_a_folder_that_no_command_made_is_not_cleared_away(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = tmp_path / "data" / "backup-of-mine"
        mine.mkdir()
        os.utime(mine, (0, 0))
        await answer_requests(world.services)
        left = tmp_path / "data" / "backup-left"
        (left / "whole").mkdir(parents=True)
        os.utime(left, (0, 0))
        await answer_requests(world.services)

        assert mine.is_dir()
        assert not left.exists()


@pytest.mark.parametrize("name", ["b.tar", "b"])
def test_a_backup_is_written_through_no_link(tmp_path: Path, name: str):
    async def make() -> None:
        async with open_world(tmp_path):
            pass

    asyncio.run(make())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (tmp_path / f"{name}.fresh").symlink_to(elsewhere)
    (tmp_path / "there").symlink_to(tmp_path / "nothing")
    code, _ = run("backup", tmp_path / name, "--data", tmp_path / "data")

    assert elsewhere.read_text() == "mine"
    assert code == (0 if name.endswith(".tar") else 2)
    assert run("backup", tmp_path / "there", "--data", tmp_path / "data")[0] == 2
    assert not (tmp_path / "nothing").exists()


def test_a_backup_says_that_settings_behind_a_link_are_not_in_it(tmp_path: Path):
    async def make() -> None:
        async with open_world(tmp_path):
            pass

    asyncio.run(make())
    (tmp_path / "askfirst.toml").write_text("port = 9000\n")
    (tmp_path / "data" / "askfirst.toml").symlink_to(tmp_path / "askfirst.toml")
    code, said = run("backup", tmp_path / "b", "--data", tmp_path / "data")

    assert code == 0
    assert "askfirst.toml is a link, which no backup follows" in said
    assert not (tmp_path / "b" / "askfirst.toml").exists()


MADE_ANEW = {"address", "lock", "places", "assets"}


async def test_every_file_of_a_data_folder_is_in_a_backup_or_can_be_made_anew(tmp_path: Path):
    async with open_world(tmp_path) as world:
        await world.client.get("/")
        logs = {f"{name}{end}" for name in COPIED for end in ("-wal", "-shm", ".wal")}
        there = {path.name for path in (tmp_path / "data").iterdir()}

    assert there - logs <= {*COPIED, *MADE_ANEW}
