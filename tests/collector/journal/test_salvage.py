"""Reading a damaged journal: intact groups are found, and no damage makes up an event."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askfirst.events import JournalEntry
from collector.journal import salvage
from collector.journal.journal import Journal
from collector.journal.salvage import intact_entries
from tests.factories import an_entry

GROUPS = 60
ERASED = "e" * 32
ENTRIES = [
    an_entry(
        url=f"https://example.org/{n}?{'q' * 600}", visitor_id=ERASED if n == 7 else f"{n:032x}"
    )
    for n in range(4 * GROUPS)
]


@pytest.fixture(scope="module", autouse=True)
def _few_numbers() -> Iterator[None]:
    """Try only as many numbers as this small journal needs, so that many damages can be tested."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(salvage, "_MISSES", 2 * GROUPS)
        yield


async def write(path: Path) -> None:
    journal = await Journal.open(path)
    for n in range(GROUPS):
        await journal.append(ENTRIES[4 * n : 4 * n + 4], 0)
    await journal.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "journal.db"
    asyncio.run(write(path))
    return path


def found_in(content: bytes, folder: Path) -> list[JournalEntry]:
    path = folder / "journal.db"
    path.write_bytes(content)
    return [entry for group in intact_entries(path) for entry in group]


def changed(content: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    damaged = bytearray(content)
    for place, byte in places:
        damaged[place % len(damaged)] = byte
    return bytes(damaged)


def test_of_a_whole_journal_everything_is_found_in_its_order(whole: Path, tmp_path: Path):
    assert found_in(whole.read_bytes(), tmp_path) == ENTRIES


@pytest.mark.parametrize("places", [[0.5], [0.2, 0.6], [0.1, 0.97], [0.97], [0.1, 0.5, 0.97]])
def test_law_7_pages_without_sense_take_no_more_than_their_own_groups(
    whole: Path, tmp_path: Path, places: list[float]
):
    damaged = bytearray(whole.read_bytes())
    for place in places:
        page = int(len(damaged) * place) // 4096 * 4096
        damaged[page : page + 4096] = bytes(4096)
    found = found_in(bytes(damaged), tmp_path)

    assert len(ENTRIES) * 0.7 < len(found) < len(ENTRIES)
    assert found == [entry for entry in ENTRIES if entry in found]


def test_law_7_what_waits_behind_an_erasure_is_found_wherever_the_damage_is(tmp_path: Path):
    asyncio.run(write(tmp_path / "made.db"))
    asyncio.run(erase(tmp_path / "made.db"))
    whole = (tmp_path / "made.db").read_bytes()
    kept = [entry for entry in ENTRIES if entry.visitor_id != ERASED]
    losses = []
    for page in range(1, len(whole) // 4096):
        damaged = whole[: page * 4096] + bytes(4096) + whole[page * 4096 + 4096 :]
        found = found_in(damaged, tmp_path)
        losses.append(len(kept) - len(found))
        assert found == [entry for entry in kept if entry in found]

    assert found_in(whole, tmp_path) == kept
    assert sorted(losses)[-3] < len(kept) * 0.3  # the root and the schema alone take more along
    assert sorted(losses)[len(losses) // 2] <= 4


async def erase(path: Path) -> None:
    journal = await Journal.open(path)
    await journal.erase(ERASED)
    await journal.close()


def test_law_7_where_the_last_number_is_lost_the_groups_are_found_all_the_same(
    whole: Path, tmp_path: Path
):
    path = tmp_path / "journal.db"
    path.write_bytes(whole.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE meta")

    assert found_in(path.read_bytes(), tmp_path) == ENTRIES


@example([(3783, 128)])
@given(st.lists(st.tuples(st.integers(0, 2**24), st.integers(0, 255)), max_size=40))
def test_law_7_whatever_bytes_have_changed_nothing_is_invented(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]]
):
    found = found_in(changed(whole.read_bytes(), places), tmp_path_factory.mktemp("changed"))

    assert len({entry.event_id for entry in found}) == len(found)
    assert [entry for entry in ENTRIES if entry in found] == found


def test_what_is_no_database_gives_nothing(tmp_path: Path):
    assert found_in(b"", tmp_path) == []
    assert found_in(b"no database" * 500, tmp_path) == []
