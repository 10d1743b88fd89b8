"""Forms: what a warehouse file is, told without writing into it; what is not ours is refused."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.errors import Misconfigured
from askfirst.store.warehouse import noted
from askfirst.store.warehouse.duckdb.files import is_cut_short
from askfirst.store.warehouse.duckdb.forms import EMPTY, FIRST, form_of
from askfirst.store.warehouse.duckdb.schema import holds_foreign_objects
from askfirst.store.warehouse.migration.conversion import convert, prepare
from askfirst.store.warehouse.noted import FORM, MADE_OF, NOTE
from askfirst.store.warehouse.tables import TABLES, VERSION
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.amount import examples
from tests.askfirst.store.warehouse.duckdb.killing import a_batch, fill
from tests.old_warehouse import make_old_warehouse, rows_in, some_old_rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def changed(path, *statements):
    connection = duckdb.connect(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_missing_file_and_one_without_tables_are_empty(path):
    assert form_of(path) == EMPTY
    changed(path)
    assert form_of(path) == EMPTY


def test_a_file_without_a_version_is_of_the_first_form(path):
    assert form_of(make_old_warehouse(path, some_old_rows(3))) == FIRST


def test_a_file_of_today_says_its_version(path):
    Warehouse(path).close()
    assert form_of(path) == VERSION


def test_a_file_that_became_shorter_by_deletions_is_whole(path):
    Warehouse(path).close()
    changed(path, "CREATE TABLE more AS SELECT hash(range) AS h FROM range(200000)")
    changed(path, "DROP TABLE more")
    changed(path, "CHECKPOINT")
    assert form_of(path) == VERSION


def copied(table: str) -> str:
    """Return the statements by which an export and an import may lose a table's constraints."""
    made = f"CREATE TABLE made AS SELECT * FROM {table}"
    return f"{made}; DROP TABLE {table}; ALTER TABLE made RENAME TO {table}"


def with_a_key(table: str, key: str) -> str:
    """Return the statements by which a table gets another key."""
    renamed = f"ALTER TABLE {table} RENAME TO made"
    made = f"CREATE TABLE {table} AS SELECT * FROM made; DROP TABLE made"
    return f"{renamed}; {made}; ALTER TABLE {table} ADD PRIMARY KEY ({key})"


REFUSED = {
    "a key less": (copied("shipped"), "other columns or keys.*shipped"),
    "no key of its version": (copied("form"), "other columns or keys.*form"),
    "another key": (with_a_key("summarised", "zone"), "other columns or keys.*summarised"),
    "a key more": (with_a_key("events", "event_id"), "other columns or keys.*events"),
    "a unique index": ("CREATE UNIQUE INDEX u ON texts (text)", "other columns or keys.*texts"),
    "a newer form": ("UPDATE form SET version = version + 1", "a newer Askfirst"),
    "no version": ("DELETE FROM form", "other columns"),
    "a column more": ("ALTER TABLE events ADD COLUMN screen INTEGER", "other columns.*events"),
    "a column less": ("ALTER TABLE gaps DROP COLUMN visitors", "other columns.*gaps"),
    "another type": ("ALTER TABLE visits ALTER lasted TYPE VARCHAR", "other columns.*visits"),
    "a table less": ("DROP TABLE profiles", "other columns.*profiles"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_file_that_this_version_cannot_use_is_refused_and_not_written(path, wrong):
    statement, sentence = REFUSED[wrong]
    Warehouse(path).close()
    changed(path, statement)
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match=sentence):
        form_of(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


COUNTED = (("events", "path"), ("profiles", "country"))
"""Columns by which summaries count."""
NOT_COUNTED = (
    ("events", "title"),
    ("events", "scroll"),
    ("events", "amount"),
    ("profiles", "city"),
)


def kept(path: Path, number: int, *columns: tuple[str, str]) -> Warehouse:
    """Fill a file with events and a closed day, and open it as one that lacks some columns."""
    make_old_warehouse(path, some_old_rows(number))
    prepare(path)
    convert(path)
    changed(
        path,
        "INSERT INTO summarised VALUES (1, 'UTC', 3)",
        "INSERT INTO counts VALUES (1, 0, 0, 2, 1, 1, 1, 1)",
        *(f"ALTER TABLE {table} DROP COLUMN {name}" for table, name in columns),
    )
    assert form_of(path) == VERSION
    assert not holds_foreign_objects(path)
    return Warehouse(path)


@pytest.mark.parametrize("rewritten", [False, True])
def test_columns_that_an_older_release_did_not_have_are_added_and_days_are_open(path, rewritten):
    opened = kept(path, 6, *COUNTED, *NOT_COUNTED)
    if rewritten:
        opened.rewrite()
    opened.close()
    rows = [row | {"path": "", "country": ""} for row in some_old_rows(6)]
    assert sorted(map(repr, rows_in(path))) == sorted(map(repr, rows))
    assert not holds_foreign_objects(path)
    connection = duckdb.connect(str(path))
    for table in ("summarised", "counts"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    for name in ("path", "scroll"):
        with pytest.raises(duckdb.ConstraintException, match="NOT NULL"):
            connection.execute(f"UPDATE events SET {name} = NULL")
    types = "SELECT typeof(scroll), typeof(amount), typeof(title) FROM events LIMIT 1"
    assert connection.execute(types).fetchone() == ("INTEGER", "BIGINT", "INTEGER")
    connection.close()


def test_days_stay_closed_where_summaries_do_not_count_by_what_is_added(path):
    opened = kept(path, 6, *NOT_COUNTED)
    assert opened.summarised(1).until == 3
    assert set(opened.events()["scroll"]) == {0}
    assert set(opened.events()["title"]) == {""}
    opened.close()


@pytest.mark.parametrize("same", [True, False])
def test_without_a_note_days_stay_closed_where_the_dimensions_are_still_those_of_then(
    path, monkeypatch, same
):
    kept(path, 6).close()
    changed(path, f"DELETE FROM form WHERE one = {NOTE}")
    monkeypatch.setattr(noted, "UNNOTED", MADE_OF if same else MADE_OF + 1)

    opened = Warehouse(path)

    assert opened.summarised(1).until == (3 if same else 0)
    opened.close()
    connection = duckdb.connect(str(path))
    found = connection.execute("SELECT * FROM form ORDER BY one").fetchall()
    assert found == [(FORM, VERSION), (NOTE, MADE_OF)]
    connection.close()


def test_a_column_of_visits_that_no_dimension_has_any_more_is_taken_away(path):
    Warehouse(path).close()
    changed(
        path,
        "ALTER TABLE visits ADD COLUMN title INTEGER DEFAULT 0",
        "ALTER TABLE visits ALTER title SET NOT NULL",
        "ALTER TABLE visits ALTER title DROP DEFAULT",
        f"UPDATE form SET version = {MADE_OF + 1} WHERE one = {NOTE}",
    )
    assert form_of(path) == VERSION
    assert not holds_foreign_objects(path)

    Warehouse(path).close()

    connection = duckdb.connect(str(path), read_only=True)
    columns = [name for name, *_ in connection.execute("DESCRIBE visits").fetchall()]
    assert columns == list(TABLES["visits"].columns)
    connection.close()


def test_files_of_both_forms_hold_nothing_foreign(path, tmp_path):
    Warehouse(path).close()
    assert not holds_foreign_objects(path)
    assert not holds_foreign_objects(make_old_warehouse(tmp_path / "old", some_old_rows(2)))


FOREIGN = [
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE TABLE t (a INTEGER)",
    "CREATE SCHEMA s",
    "CREATE TYPE u AS ENUM ('a')",
    "CREATE SEQUENCE q",
    "CREATE INDEX i ON shipped (seq)",
    "ALTER TABLE shipped ADD COLUMN b BIGINT DEFAULT 1",
    "ALTER TABLE shipped ALTER seq SET DEFAULT 5",
]


@pytest.mark.parametrize("statement", FOREIGN)
@pytest.mark.parametrize("form", ["old", "new"])
def test_what_askfirst_does_not_make_is_foreign_in_a_file_of_either_form(path, statement, form):
    make_old_warehouse(path, []) if form == "old" else Warehouse(path).close()
    changed(path, statement)
    assert holds_foreign_objects(path)


DROPPED = {
    "CREATE VIEW v AS SELECT 1": "view v",
    "CREATE MACRO sum(a) AS 5": "macro sum",
    "CREATE TABLE t (a INTEGER)": "table t",
    "CREATE SCHEMA s; CREATE TABLE s.events (a INTEGER)": "schema s, table s.events",
    "CREATE TYPE u AS ENUM ('a')": "type u",
    "CREATE SEQUENCE q": "sequence q",
    "CREATE INDEX i ON shipped (seq)": "index i",
}


@pytest.mark.parametrize("statement", DROPPED)
@pytest.mark.parametrize("form", ["old", "new"])
def test_a_file_with_what_a_rewrite_would_drop_is_refused_by_its_name_and_not_written(
    path, statement, form
):
    make_old_warehouse(path, []) if form == "old" else Warehouse(path).close()
    changed(path, statement)
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match=DROPPED[statement]):
        form_of(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_file_without_tables_and_with_a_macro_is_refused_too(path):
    changed(path, "CREATE MACRO sum(a) AS 5")
    with pytest.raises(Misconfigured, match="macro sum"):
        form_of(path)


def test_a_message_names_five_things_that_are_not_ours_and_the_number_of_the_others(path):
    Warehouse(path).close()
    changed(path, *(f"CREATE VIEW v{n} AS SELECT 1" for n in range(7)))
    with pytest.raises(Misconfigured, match="view v0, view v1, view v2, view v3, view v4 and 2"):
        form_of(path)


OTHERS = {
    "another program's table": ["CREATE TABLE customers (name VARCHAR)"],
    "another program's events": ["CREATE TABLE events (name VARCHAR)"],
    "another program's form": ["CREATE TABLE form (name VARCHAR)"],
}


@pytest.mark.parametrize("of", OTHERS)
def test_the_file_of_another_program_is_refused_and_not_written(path, of):
    changed(path, *OTHERS[of])
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="another program made it"):
        form_of(path)
    assert path.read_bytes() == before


def test_an_old_file_with_another_column_is_refused(path):
    make_old_warehouse(path, [])
    changed(path, "ALTER TABLE events ADD COLUMN screen VARCHAR")
    with pytest.raises(Misconfigured, match="other tables"):
        form_of(path)


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 12_287])
def test_a_file_that_is_cut_short_is_refused_and_not_written(path, length):
    Warehouse(path).close()
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Misconfigured, match="cannot be opened"):
        form_of(path)
    assert path.stat().st_size == length
    assert os.listdir(path.parent) == [path.name]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = tmp_path_factory.mktemp("whole") / "w"
    fill(made)
    assert form_of(made) == VERSION
    return made.read_bytes()


@given(st.floats(0, 1, exclude_max=True))
@settings(max_examples=examples(20, 300), deadline=None)
def test_a_file_that_is_cut_anywhere_is_refused_and_not_written(whole, place):
    """DuckDB opens it where its end is missing, and would write into it."""
    part = whole[: int(place * len(whole))]
    with TemporaryDirectory() as folder:
        cut = Path(folder) / "w"
        cut.write_bytes(part)
        with pytest.raises(Misconfigured, match="cannot be opened"):
            form_of(cut)
        assert cut.read_bytes() == part
        assert os.listdir(folder) == ["w"]


def test_a_file_that_lacks_its_last_byte_is_refused(whole, path):
    path.write_bytes(whole[:-1])
    with pytest.raises(Misconfigured, match="shorter than it was"):
        form_of(path)


def a_table(number: int, rows: int) -> str:
    """Return the statement that makes a table of some blocks."""
    return f"CREATE TABLE more{number} AS SELECT hash(range) AS h FROM range({rows})"


def with_room_inside(path: Path) -> None:
    """Leave free blocks between those in use, as a deletion of a large site does."""
    changed(path, a_table(1, 100_000), a_table(2, 100_000))
    changed(path, "DROP TABLE more1", "CHECKPOINT")


def test_a_file_that_has_room_inside_and_lacks_its_last_byte_is_refused(path):
    Warehouse(path).close()
    with_room_inside(path)
    assert not is_cut_short(path)
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(Misconfigured, match="shorter than it was"):
        form_of(path)


STEPS = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 30), st.sampled_from((1, 2000, 9000))),
    st.tuples(st.just("make"), st.integers(0, 3), st.sampled_from((10, 9_000, 90_000))),
    st.tuples(st.just("drop"), st.integers(0, 3), st.none()),
    st.tuples(st.just("empty"), st.sampled_from(("events", "texts", "profiles")), st.none()),
    st.tuples(st.just("rewrite"), st.none(), st.none()),
)


def stepped(path: Path, number: int, what: str, which: Any, size: Any) -> None:
    if what == "make":
        changed(path, f"DROP TABLE IF EXISTS more{which}", a_table(which, size))
    elif what == "drop":
        changed(path, f"DROP TABLE IF EXISTS more{which}", "CHECKPOINT")
    elif what == "empty":
        changed(path, f"DELETE FROM {which} WHERE hash({which}) % 3 > 0")
    else:
        opened = Warehouse(path)
        opened.rewrite() if what == "rewrite" else opened.append(
            a_batch(which, number, size), "j", number
        )
        opened.close()


@given(st.lists(STEPS, max_size=6))
@settings(max_examples=examples(6, 300), deadline=None)
def test_a_whole_file_is_accepted_after_any_changes_and_refused_without_its_last_byte(steps):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w"
        Warehouse(path).close()
        for number, step in enumerate(steps, 1):
            stepped(path, number, *step)
            assert not is_cut_short(path), step
        os.truncate(path, path.stat().st_size - 1)
        with pytest.raises(Misconfigured, match="cannot be opened"):
            form_of(path)


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(20_000)


@pytest.mark.parametrize(
    "content", [b"SQLite format 3\0" * 400, b"x" * 5000, b"", PNG, bytes(20_000)]
)
def test_what_is_no_database_of_duckdb_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="cannot be opened"):
        form_of(path)
    assert path.read_bytes() == content
