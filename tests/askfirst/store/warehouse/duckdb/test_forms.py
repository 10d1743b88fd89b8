"""Forms: what a warehouse file is, told without writing into it; what is not ours is refused."""

import os
from pathlib import Path

import duckdb
import pytest

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb.forms import EMPTY, FIRST, form_of
from askfirst.store.warehouse.tables import VERSION
from askfirst.store.warehouse.warehouse import Warehouse
from tests.old_warehouse import make_old_warehouse, some_old_rows


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


REFUSED = {
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


@pytest.mark.parametrize("content", [b"SQLite format 3\0" * 400, b"x" * 5000])
def test_what_is_no_database_of_duckdb_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="cannot be opened"):
        form_of(path)
    assert path.read_bytes() == content
