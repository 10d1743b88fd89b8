"""The commands that verify the chain in a data folder and a receipt in a file, also wrong ones."""

import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from server.cli import commands
from server.startup.keys import SEED_NAME, load_seed
from tests.consent.my_data.own_page import press, unpacked, visited
from tests.world import World, open_world


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """Yield the data folder of a running server with five consents, the second withdrawn."""
    async with open_world(tmp_path) as world:
        await fill(world)
        yield tmp_path / "data"


async def fill(world: World) -> None:
    browsers = [world.browser() for _ in range(5)]
    for browser in browsers:
        await browser.accept()
        world.clock.move(minutes=1)
    await browsers[1].withdraw()


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.output


def verify(folder: Path, *more: str) -> tuple[int, str]:
    return run("ledger", "verify", "--data", folder, *more)


def sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(statement)


def column(folder: Path, name: str) -> list[str]:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        return [
            row[0] for row in connection.execute(f"SELECT {name} FROM consent_records ORDER BY seq")
        ]


@pytest.fixture
def check(folder: Path) -> Callable[..., tuple[int, str]]:
    """Run `ledger verify` in a thread of its own, as another process would."""
    return lambda *more: in_thread(verify, folder, *more)


def in_thread(call, *arguments):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *arguments).result()


async def test_a_whole_chain_is_counted_and_its_head_printed_while_the_server_runs(folder, check):
    head = column(folder, "hash")[-1]
    code, said = check()
    assert code == 0
    assert "The chain is whole." in said
    assert "Records: 6" in said
    assert f"Head: {head}" in said


async def test_verifying_writes_nothing(folder, check):
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        before = list(connection.iterdump())
        check()
        assert list(connection.iterdump()) == before


TAMPERING = {
    "changed": (["UPDATE consent_records SET purposes = '[\"other\"]' WHERE seq = 3"], 3),
    "later": (["UPDATE consent_records SET valid_until = valid_until + 1 WHERE seq = 6"], 6),
    "erased by half": (["UPDATE consent_records SET nonce = NULL WHERE seq = 2"], 2),
    "no JSON": (["UPDATE consent_records SET purposes = 'oops' WHERE seq = 3"], 3),
    "deep JSON": (["UPDATE consent_records SET signals = printf('%.*c', 9999, '[')"], 1),
    "no text": (["UPDATE consent_records SET signals = x'ff' WHERE seq = 4"], 4),
    "no text inside": (["UPDATE consent_records SET language = CAST(x'ff' AS TEXT)"], 1),
    "no number": (["UPDATE consent_records SET event_time = 'oops' WHERE seq = 2"], 2),
    "nothing": (["UPDATE consent_records SET given_by = x'' WHERE seq = 2"], 2),
    "missing": (["DELETE FROM consent_records WHERE seq = 4"], 5),
    "first missing": (["DELETE FROM consent_records WHERE seq = 1"], 2),
    "moved": (
        [
            "UPDATE consent_records SET seq = 99 WHERE seq = 2",
            "UPDATE consent_records SET seq = 2 WHERE seq = 3",
            "UPDATE consent_records SET seq = 3 WHERE seq = 99",
        ],
        2,
    ),
}
CHANGED = "it is not what was sealed"
WORDS = {
    "missing": "the record before it is gone",
    "first missing": "the record before it is gone",
    "moved": "it stands in another place",
}


@pytest.mark.parametrize("name", TAMPERING)
async def test_the_first_bad_record_is_named_with_what_is_wrong(folder, check, name):
    statements, seq = TAMPERING[name]
    sql(folder, *statements)
    number = column(folder, "record_id")[column(folder, "seq").index(seq)]
    code, said = check()
    assert code == 1
    assert f"Record {seq} ({number}) is bad: {WORDS.get(name, CHANGED)}" in said
    assert "whole." in said


def a_copy_of(seq: int, changes: str) -> list[str]:
    """Insert a changed copy of a record behind it; the following records move by one."""
    return [
        f"UPDATE consent_records SET seq = -seq - 1 WHERE seq > {seq}",
        "UPDATE consent_records SET seq = -seq WHERE seq < 0",
        "CREATE TEMP TABLE copy AS SELECT * FROM consent_records WHERE seq = " + str(seq),
        f"UPDATE copy SET seq = {seq + 1}, record_id = 'forged', {changes}",
        "INSERT INTO consent_records SELECT * FROM copy",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        "hash = 'made up'",
        "previous_hash = hash, hash = 'made up'",
        "previous_hash = 'made up', hash = 'made up too'",
    ],
)
async def test_a_record_that_was_put_in_is_named(folder, check, changes):
    sql(folder, *a_copy_of(3, changes))
    code, said = check()
    assert code == 1
    assert "Record 4 (forged) is bad: it was put in between" in said


async def test_a_record_put_in_with_a_right_hash_of_its_own_is_named(folder, check):
    """Whoever knows how records are sealed can forge one, but not what was sealed after it."""
    from consent.proof.records import seal

    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM consent_records WHERE seq = 3").fetchone())
    row |= {"purposes": json.loads(row["purposes"]), "signals": json.loads(row["signals"])}
    before, row["record_id"] = row["hash"], "forged"
    changes = f"previous_hash = '{before}', hash = '{seal(before, row)}'"
    sql(folder, *a_copy_of(3, changes))
    code, said = check()
    assert code == 1
    assert "The 3 records before it are whole." in said
    assert "Record 4 (forged) is bad: it was put in between" in said


async def test_rows_cut_off_at_the_end_are_seen_with_the_head_that_was_printed(folder, check):
    head = column(folder, "hash")[-1]
    assert check("--head", head)[0] == 0
    sql(folder, "DELETE FROM consent_records WHERE seq >= 5", "DELETE FROM withdrawals")
    assert check()[0] == 0  # the chain alone cannot show it
    code, said = check("--head", head)
    assert code == 1
    assert "records were cut off at its end" in said
    assert "Records: 4" in said


async def test_an_older_head_is_still_in_a_chain_that_grew(folder, check):
    assert check("--head", column(folder, "hash")[2])[0] == 0


async def test_words_that_were_changed_afterwards_are_named(folder, check):
    notice = column(folder, "notice_hash")[0]
    sql(folder, f"UPDATE wordings SET texts = '{{}}' WHERE hash = '{notice}'")
    code, said = check()
    assert code == 1
    assert f"The words with the hash {notice}" in said


async def test_a_record_whose_own_number_is_no_text_is_named_by_its_place(folder, check):
    sql(folder, "UPDATE consent_records SET record_id = CAST(x'5b2f5dff0a' AS TEXT) WHERE seq = 2")
    code, said = check()
    assert code == 1
    assert "Record 2 ([/]\ufffd\ufffd) is bad: it is not what was sealed" in said


@pytest.mark.parametrize("texts", ["x", "[" * 9999, '{"a": "\\ud800"}'])
async def test_words_that_are_no_words_are_named(folder, check, texts):
    notice = column(folder, "notice_hash")[0]
    sql(folder, f"UPDATE wordings SET texts = '{texts}' WHERE hash = '{notice}'")
    code, said = check()
    assert code == 1
    assert f"The words with the hash {notice}" in said


@pytest.mark.parametrize(
    "content", ["json_set(content, '$.retention_months', 999)", "'x'", "x'ff'"]
)
async def test_a_published_policy_that_was_changed_is_named(folder, check, content):
    sql(folder, f"UPDATE policies SET content = {content}")
    code, said = check()
    assert code == 1
    assert "Version 1 of the policy of site 1 is not what was published." in said


@pytest.mark.parametrize(
    "harm",
    ["DELETE FROM withdrawals", "UPDATE withdrawals SET withdrawn_at = withdrawn_at + 1"],
)
async def test_law_5_a_withdrawal_that_was_taken_away_or_put_off_is_named(folder, check, harm):
    sql(folder, harm)
    code, said = check()
    assert code == 1
    withdrawn = column(folder, "record_id")[5]
    assert f"The withdrawal of record {withdrawn} is not what" in said


async def test_a_withdrawal_that_nobody_recorded_is_named(folder, check):
    sql(
        folder,
        "INSERT INTO withdrawals (consent_id, site_id, withdrawn_at)"
        " SELECT consent_id, site_id, event_time FROM consent_records WHERE seq = 1",
    )
    code, said = check()
    assert code == 1
    assert f"The withdrawal of consent {column(folder, 'consent_id')[0]} has no record." in said


def test_a_folder_without_a_ledger_is_a_sentence(tmp_path):
    code, said = verify(tmp_path)
    assert code == 2
    assert "There is no ledger" in said
    (tmp_path / "ledger.db").write_bytes(b"no database at all, only text" * 100)
    code, said = verify(tmp_path)
    assert code == 2
    assert "cannot be read" in said


async def test_check_says_that_a_server_takes_nothing_for_want_of_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path):
        pass
    monkeypatch.setenv("ASKFIRST_FREE_DISK_MB", "0")
    code, said = in_thread(run, "check", tmp_path / "data")
    assert (code, "free_disk_mb" in said) == (0, False)
    monkeypatch.setenv("ASKFIRST_FREE_DISK_MB", str(10**9))
    code, said = in_thread(run, "check", tmp_path / "data")
    assert (code, "free_disk_mb keeps 1000000000 MB free" in said) == (0, True)


async def test_check_says_why_no_mail_can_be_sent_and_refuses_wrong_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path):
        pass
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        monkeypatch.setenv("ASKFIRST_SMTP_URL", f"smtp://user:s3cret@127.0.0.1:{port}")
        code, said = in_thread(run, "check", tmp_path / "data")
        assert code == 2
        assert "The setting smtp_url is wrong" in said
        assert "needs the setting mail_from" in " ".join(said.split())
        monkeypatch.setenv("ASKFIRST_MAIL_FROM", "stats@example.org")
        monkeypatch.setenv("ASKFIRST_PUBLIC_URL", "https://reports.example")
        code, said = in_thread(run, "check", tmp_path / "data")
    assert code == 0
    assert f"No mail can be sent. 127.0.0.1:{port} cannot be reached" in " ".join(said.split())
    assert "s3cret" not in said


async def test_a_server_that_is_not_running_leaves_a_chain_that_can_be_checked(tmp_path):
    async with open_world(tmp_path) as world:
        await fill(world)
    code, said = in_thread(verify, tmp_path / "data")
    assert (code, "Records: 6" in said) == (0, True)


@pytest.fixture
async def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a receipt and the site's key set, as a visitor saves them."""
    async with open_world(tmp_path, public_url="http://askfirst.test") as world:
        browser = world.browser()
        await browser.accept()
        wish = {"site": world.site.key, "token": browser.token}
        receipt = await browser.post("/consent/receipt", wish)
        keys = await world.client.get(f"/.well-known/askfirst/{world.site.key}.json")
    paths = tmp_path / "receipt.jsonld", tmp_path / "keys.json"
    for path, answer in zip(paths, (receipt, keys), strict=True):
        path.write_bytes(answer.content)
    return paths


def test_a_receipt_is_verified_offline_with_a_key_set_or_one_key(files):
    receipt, keys = files
    one = json.dumps(json.loads(keys.read_text())["keys"][0])
    for key in (keys, keys.read_text(), one):
        assert run("receipt", "verify", receipt, "--key", key) == (
            0,
            "The signature is right: the receipt has not been changed.\n",
        )


async def test_a_signed_file_that_is_no_receipt_is_not_called_one(tmp_path: Path):
    async with open_world(tmp_path, public_url="http://askfirst.test") as world:
        mine = await visited(world, "/one")
        taken = unpacked(await press(world, mine.token, "take"))
        keys = await world.client.get(f"/.well-known/askfirst/{world.site.key}.json")
    file = tmp_path / "digest.json"
    file.write_bytes(taken[file.name])

    assert run("receipt", "verify", file, "--key", keys.text) == (
        0,
        "The signature is right: the signed file, which is no receipt, has not been changed.\n",
    )


def test_a_changed_receipt_is_a_sentence_and_exit_code_1(files):
    receipt, keys = files
    receipt.write_text(receipt.read_text().replace("statistics", "everything", 1))
    code, said = run("receipt", "verify", receipt, "--key", keys)
    assert code == 1
    assert said.startswith("The signature is wrong")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "no JSON", '{"proof": 1, "proof": 2}', "[" * 9999]
)
def test_what_is_no_receipt_is_a_sentence_and_exit_code_1(files, text):
    receipt, keys = files
    receipt.write_text(text)
    assert run("receipt", "verify", receipt, "--key", keys) == (1, "This is not a receipt.\n")


@pytest.mark.parametrize("key", ["{}", '{"keys": []}', '{"keys": [{"crv": "Ed25519", "x": "AA"}]}'])
def test_what_is_no_key_is_a_sentence_and_exit_code_2(files, key):
    code, said = run("receipt", "verify", files[0], "--key", key)
    assert code == 2
    assert "not a JSON Web Key Set" in said


def test_a_file_that_is_not_there_is_a_sentence(files, tmp_path):
    assert run("receipt", "verify", tmp_path / "none", "--key", files[1])[0] == 2
    assert run("receipt", "verify", files[0], "--key", tmp_path / "none")[0] == 2


def test_the_seed_is_made_once_and_is_the_owners_alone(tmp_path):
    seed = load_seed(tmp_path)
    assert len(seed) == 32
    assert load_seed(tmp_path) == seed
    assert (tmp_path / SEED_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33])
def test_a_damaged_seed_stops_the_start_and_is_not_replaced(tmp_path, text):
    (tmp_path / SEED_NAME).write_text(text)
    with pytest.raises(Misconfigured, match="seed"):
        load_seed(tmp_path)
    assert (tmp_path / SEED_NAME).read_text() == text
