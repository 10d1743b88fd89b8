"""Conversion: a file of the first form becomes one of today's, with the same events, or stays."""

import os
import shutil
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import BY_THE_MACHINE
from askfirst.store.warehouse.duckdb.form_one import FormOne
from askfirst.store.warehouse.duckdb.forms import FIRST, form_of
from askfirst.store.warehouse.duckdb.sums import differing, sums_of_converted
from askfirst.store.warehouse.migration import conversion
from askfirst.store.warehouse.migration.conversion import Stopped, convert, prepare
from askfirst.store.warehouse.tables import VERSION
from askfirst.store.warehouse.warehouse import Warehouse
from tests.old_warehouse import NOON, an_old_row, make_old_warehouse, rows_in, some_old_rows


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return make_old_warehouse(tmp_path / "warehouse.duckdb", some_old_rows(40), {"j": 7})


def same(rows, others):
    def counted(some):
        return Counter(tuple(sorted(row.items())) for row in some)

    return counted(rows) == counted(others)


def test_a_converted_file_holds_the_same_events_and_watermarks(old):
    assert form_of(old) == FIRST
    prepare(old)
    convert(old)
    assert form_of(old) == VERSION
    assert same(rows_in(old), some_old_rows(40))
    opened = Warehouse(old)
    assert opened.watermark("j") == 7
    assert opened.watermark("another") == 0
    opened.close()
    assert os.listdir(old.parent) == [old.name]


def test_events_that_are_still_in_the_log_beside_the_file_are_converted(tmp_path):
    path = make_old_warehouse(tmp_path / "made.duckdb", [])
    connection = duckdb.connect(str(path))
    connection.execute("SET checkpoint_threshold = '1GB'")
    row = an_old_row()
    marks = ", ".join("?" * len(row))
    names = ", ".join(row)
    connection.execute(f"INSERT INTO events ({names}) VALUES ({marks})", list(row.values()))
    folder = tmp_path / "killed"  # the files as a process that was killed leaves them
    folder.mkdir()
    for suffix in ("", ".wal"):
        (folder / f"w{suffix}").write_bytes((tmp_path / f"made.duckdb{suffix}").read_bytes())
    connection.close()
    prepare(folder / "w")
    convert(folder / "w")
    assert same(rows_in(folder / "w"), [row])


def test_a_start_that_was_cut_short_leaves_a_file_that_is_converted(tmp_path):
    path = tmp_path / "w"
    connection = duckdb.connect(str(make_old_warehouse(path, some_old_rows(2))))
    connection.execute("DROP TABLE shipped")
    connection.close()
    prepare(path)
    convert(path)
    assert same(rows_in(path), some_old_rows(2))


IDS = st.sampled_from(
    [
        "a" * 32,
        "b" * 32,
        "A" * 32,
        "Hvkmyg-ecO0KrsmwAnvUuQ",
        "Hvkmyg-ecO0KrsmwAnvUuR",
        "x",
        "",
        "\0",
        "'",
    ]
)
ROWS = st.lists(
    st.builds(
        an_old_row,
        site_id=st.integers(1, 2),
        event_id=IDS,
        visit_id=IDS,
        visitor_id=IDS,
        consent_id=IDS,
        policy_version=st.integers(1, 2),
        kind=st.sampled_from(["page_view", "link_click"]),
        time=st.integers(-90_000_000, 90_000_000).map(lambda ms: NOON + timedelta(milliseconds=ms)),
        path=st.sampled_from(["", "/", "/ä", "/a'--", "\0"]),
        ip=st.sampled_from(["", "192.0.2.1"]),
        country=st.sampled_from(["", "DE", "FR"]),
    ),
    max_size=30,
)


@given(ROWS)
@settings(max_examples=10, deadline=None)
def test_any_events_are_converted_without_loss_odd_ids_visits_and_consents_too(rows):
    with TemporaryDirectory() as folder:
        path = make_old_warehouse(Path(folder) / "w", rows)
        prepare(path)
        convert(path)
        assert same(rows_in(path), rows)


def test_batches_of_any_size_give_the_same_events(old, monkeypatch):
    monkeypatch.setattr(conversion, "BATCH", 3)
    seen = []
    prepare(old)
    convert(old, lambda done, total: seen.append((done, total)))
    assert same(rows_in(old), some_old_rows(40))
    assert seen[-1] == (40, 40)
    assert len(seen) > 10
    assert seen == sorted(seen)


class Killed(BaseException):
    """What ends a process anywhere."""


STEPS = ("DuckDBEngine", "differing", "sync", "os.replace")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", [True, False])
def test_wherever_it_ends_the_events_are_there_and_the_next_start_goes_on(
    old, monkeypatch, step, before
):
    def ending(what):
        def act(*args, **options):
            done = None if before else what(*args, **options)
            if isinstance(done, DuckDBEngine):
                done.close()  # as the system closes the file of a process that is killed
            raise Killed

        return act

    with monkeypatch.context() as patched:
        if step == "os.replace":
            patched.setattr(conversion.os, "replace", ending(os.replace))
        else:
            patched.setattr(conversion, step, ending(getattr(conversion, step)))
        patched.setattr(
            conversion, "_remove", lambda _fresh: None
        )  # a killed process cleans nothing
        prepare(old)
        with pytest.raises(Killed):
            convert(old)
    if form_of(old) == FIRST:
        prepare(old)
        convert(old)
    assert same(rows_in(old), some_old_rows(40))
    assert form_of(old) == VERSION


def test_a_copy_that_differs_is_thrown_away_and_the_old_file_stays(old, monkeypatch):
    whole = conversion.FormOne.batches

    def without_one(self, most):
        for batch in whole(self, most):
            yield batch.slice(1)

    monkeypatch.setattr(conversion.FormOne, "batches", without_one)
    before = old.read_bytes()
    prepare(old)
    with pytest.raises(Misconfigured, match="differs from the old one"):
        convert(old)
    assert old.read_bytes() == before
    assert os.listdir(old.parent) == [old.name]


def test_a_conversion_that_is_stopped_leaves_the_old_file(old):
    before = old.read_bytes()
    prepare(old)
    with pytest.raises(Stopped):
        convert(old, stop=lambda: True)
    assert old.read_bytes() == before
    assert os.listdir(old.parent) == [old.name]


def test_a_kind_that_no_version_knows_stops_the_conversion_with_a_sentence(tmp_path):
    path = make_old_warehouse(tmp_path / "w", [an_old_row(kind="dance")])
    prepare(path)
    with pytest.raises(Misconfigured, match="could not be converted"):
        convert(path)
    assert form_of(path) == FIRST


def test_without_room_on_the_disk_nothing_is_begun(old, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(conversion.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(Misconfigured, match=r"no room .* 1 MB are free"):
        prepare(old)
    assert os.listdir(old.parent) == [old.name]


CHANGES = {
    "a text": "UPDATE texts SET text = 'x' WHERE \"column\" = 'path' AND id = 1",
    "a text that another event has": """
        UPDATE events SET path = CASE path WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE path END
    """,
    "a text of a profile": "UPDATE profiles SET country = 1 - country",
    "a time": "UPDATE events SET time = time + 1 WHERE opens",
    "a visitor": "UPDATE visitors SET visitor_id = gen_random_uuid() WHERE visitor = 1",
    "a visit": "UPDATE open_visits SET visit_id = gen_random_uuid() WHERE visit = 1",
    "a consent": "UPDATE consents SET consent_id = gen_random_uuid() WHERE consent = 1",
    "a version": "UPDATE profiles SET policy_version = 2 WHERE profile = 1",
    "a kind": "UPDATE events SET kind = 2 WHERE opens",
    "a row less": "DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events)",
    "a row twice": "INSERT INTO events SELECT * FROM events LIMIT 1",
    "a visit that is missing": "DELETE FROM open_visits WHERE visit = 1",
    "a text that is missing": "DELETE FROM texts WHERE \"column\" = 'path' AND id = 2",
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory):
    """Return a converted file, spans of its events, and what they added up to before."""
    path = make_old_warehouse(tmp_path_factory.mktemp("old") / "w", some_old_rows(40))
    with closing(FormOne(path)) as form:
        spans = list(form.spans(10))
        before = form.sums(spans)
    prepare(path)
    convert(path)
    assert differing(before, sums_of_converted(path, spans, BY_THE_MACHINE)) == []
    return path, spans, before


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_a_converted_file_is_seen(compared, tmp_path, change):
    path, spans, before = compared
    changed = shutil.copy(path, tmp_path / "w")
    with closing(duckdb.connect(str(changed))) as connection:
        connection.execute(CHANGES[change])
    assert differing(before, sums_of_converted(changed, spans, BY_THE_MACHINE))
