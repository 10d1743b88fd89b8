"""The warehouse: rows stored with their watermark, one visitor's rows, and bytes that are gone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.logical.rows import all_events
from askfirst.store.warehouse.tables import stored
from askfirst.store.warehouse.warehouse import Warehouse
from tests.world import is_in_bytes


def january(day):
    return datetime(2026, 1, day)  # noqa: DTZ001 - the warehouse keeps plain UTC


def number_of_events(site_id):
    return stored("events").filter(lambda row: row.site == site_id).count().name("n").as_table()


def count(warehouse, site_id=1):
    return int(warehouse.ask(number_of_events, site_id)["n"][0])


def test_a_batch_and_its_watermark_are_stored_together(warehouse, batch_of):
    assert warehouse.watermark("j") == 0
    warehouse.append(batch_of({}, {}), "j", 7)
    assert warehouse.watermark("j") == 7
    assert warehouse.watermark("another") == 0
    assert count(warehouse) == 2
    assert count(warehouse, 2) == 0


def test_a_batch_that_fails_moves_no_watermark(warehouse, batch_of):
    warehouse.append(batch_of({}), "j", 1)
    with pytest.raises(Unavailable, match="ConstraintException"):
        warehouse.append(batch_of({}, {"path": None}), "j", 3)
    assert warehouse.watermark("j") == 1
    assert count(warehouse) == 1
    warehouse.append(batch_of({}), "j", 2)
    assert count(warehouse) == 2


def test_a_question_with_other_values_is_another_question(warehouse, batch_of):
    warehouse.append(batch_of({"site_id": 1}, {"site_id": 2}, {"site_id": 2}), "j", 1)
    assert [count(warehouse, site_id) for site_id in (1, 2, 3, 1)] == [1, 2, 0, 1]


def test_hostile_values_are_values(warehouse, batch_of):
    hostile = "x'; DROP TABLE events; --"
    warehouse.append(batch_of({"visitor_id": hostile, "path": hostile}), "j", 1)

    def texts(text):
        return stored("texts").filter(lambda row: row.text == text).count().name("n").as_table()

    assert int(warehouse.ask(texts, hostile)["n"][0]) == 1
    assert warehouse.delete_visitor(1, hostile) == 1
    assert count(warehouse) == 0


def test_the_rows_of_one_visitor_come_oldest_first_and_alone(warehouse, batch_of):
    rows = [
        {"visitor_id": "v", "event_id": "b", "time": january(2)},
        {"visitor_id": "v", "event_id": "a", "time": january(1)},
        {"visitor_id": "w", "event_id": "c"},
        {"visitor_id": "v", "event_id": "d", "site_id": 2},
    ]
    warehouse.append(batch_of(*rows), "j", 1)
    assert list(warehouse.rows_of(1, "v")["event_id"]) == ["a", "b"]


def test_deleting_a_visitor_leaves_the_others(warehouse, batch_of):
    rows = [{"visitor_id": "v"}, {"visitor_id": "w"}, {"visitor_id": "v", "site_id": 2}]
    warehouse.append(batch_of(*rows), "j", 1)
    assert warehouse.delete_visitor(1, "v") == 1
    assert warehouse.delete_visitor(1, "v") == 0
    assert count(warehouse) == 1
    assert count(warehouse, 2) == 1


def test_what_is_older_than_the_retention_is_deleted(warehouse, batch_of):
    rows = [{"time": january(day)} for day in (1, 2, 3)]
    warehouse.append(batch_of(*rows), "j", 1)
    assert warehouse.delete_before(1, january(2)) == 1
    assert count(warehouse) == 2


def test_the_visits_that_are_still_alive_are_returned(warehouse, batch_of):
    rows = [
        {"visitor_id": "v", "visit_id": "old", "time": january(1)},
        {"visitor_id": "v", "visit_id": "one", "time": january(2)},
        {"visitor_id": "v", "visit_id": "two", "time": january(3)},
        {"visitor_id": "v", "visit_id": "two", "time": january(4)},
    ]
    warehouse.append(batch_of(*rows), "j", 1)
    alive = warehouse.last_visits(january(4))
    assert alive == [(1, "v", "two", january(3), january(4))]
    before = warehouse.last_visits(january(1), january(3))
    assert before == [(1, "v", "one", january(2), january(2))]
    assert warehouse.last_visits(january(1), january(1)) == []


def test_after_rewriting_the_deleted_bytes_are_gone_and_the_rest_is_there(
    warehouse, batch_of, tmp_path
):
    secret = "f00dcafe" * 4
    rows = [{"visitor_id": secret}] * 500 + [{"visitor_id": "another one"}] * 500
    warehouse.append(batch_of(*rows), "j", 9)
    assert any(is_in_bytes(secret, path.read_bytes()) for path in tmp_path.iterdir())
    warehouse.delete_visitor(1, secret)
    warehouse.rewrite()
    assert count(warehouse) == 500
    assert warehouse.watermark("j") == 9
    warehouse.append(batch_of({}), "j", 10)
    for path in tmp_path.iterdir():
        assert not is_in_bytes(secret, path.read_bytes())
    assert not (tmp_path / "warehouse.duckdb.fresh").exists()


def test_questions_are_answered_while_the_file_is_rewritten(warehouse, batch_of):
    warehouse.append(batch_of(*[{}] * 1000), "j", 1)
    faults, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            if count(warehouse) != 1000:
                faults.append("rows were missing")

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        warehouse.rewrite()
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []


def test_a_warehouse_opened_again_holds_what_it_held(tmp_path, batch_of):
    path = tmp_path / "again.duckdb"
    path.with_name("again.duckdb.fresh").write_bytes(b"left by a crash")
    first = Warehouse(path)
    first.append(batch_of({}), "j", 4)
    first.close()
    second = Warehouse(path)
    assert (count(second), second.watermark("j")) == (1, 4)
    second.close()


def test_law_6_what_a_crash_left_of_a_question_is_removed_at_a_start(tmp_path):
    path = tmp_path / "again.duckdb"
    opened = Warehouse(path)
    where = Path(opened.answer("SELECT current_setting('temp_directory') AS it")["it"][0])
    opened.close()
    where.mkdir()
    (where / "duckdb_temp_1_0_storage_DEFAULT-0.tmp").write_bytes(b"a visitor")
    Warehouse(path).close()
    assert not where.exists()


def test_a_question_may_read_tables_from_elsewhere_beside_the_events(warehouse, batch_of):
    import ibis
    import pandas as pd

    warehouse.append(batch_of({"path": "/a"}, {"path": "/b"}), "j", 1)

    def wanted():
        chosen = ibis.table({"text": "string"}, name="chosen")
        return stored("texts").semi_join(chosen, "text").select("text")

    frame = warehouse.ask_beside({"chosen": pd.DataFrame({"text": ["/b"]})}, wanted)
    assert list(frame["text"]) == ["/b"]


ESCAPES = (
    "SET autoinstall_known_extensions = true",
    "SET autoload_known_extensions = true",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET temp_directory = '/'",
    "SET allowed_configs = ['memory_limit', 'enable_external_access']",
    "RESET lock_configuration",
    "INSTALL httpfs",
    "INSTALL h3 FROM community",
    "LOAD httpfs",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM a_python_variable",
    "ATTACH '{folder}/other.duckdb' AS other",
    "COPY events TO '{folder}/events.csv'",
    "EXPORT DATABASE '{folder}/all'",
)


@pytest.mark.parametrize("sql", ESCAPES)
def test_law_9_no_sql_reaches_the_network_an_extension_or_another_file(
    warehouse, tmp_path, batch_of, sql
):
    a_python_variable = batch_of({})
    before = set(tmp_path.iterdir())
    with pytest.raises(Unavailable):
        warehouse.answer(sql.format(folder=tmp_path))
    assert set(tmp_path.iterdir()) == before
    assert len(a_python_variable) == 1
    warehouse.append(batch_of({}), "j", 1)
    assert count(warehouse) == 1


def test_what_is_closed_stays_closed_after_a_rewrite(warehouse, batch_of):
    warehouse.append(batch_of({}), "j", 1)
    warehouse.rewrite()
    with pytest.raises(Unavailable):
        warehouse.answer("SELECT * FROM read_text('/etc/passwd')")
    assert count(warehouse) == 1


def test_the_time_zones_that_questions_need_are_built_in(warehouse):
    asked = "SELECT CAST(TIMESTAMP '2026-07-01 12:00' AT TIME ZONE 'Europe/Berlin' AS VARCHAR) AS t"
    assert warehouse.answer(asked)["t"][0].startswith("2026-07-01 ")


def test_a_copy_goes_to_another_folder_and_a_relative_one_too(
    warehouse, batch_of, tmp_path, monkeypatch
):
    warehouse.append(batch_of({}, {}), "j", 3)
    (tmp_path / "it's").mkdir()
    warehouse.copy_to(tmp_path / "it's" / "copy.duckdb")
    monkeypatch.chdir(tmp_path)
    relative = Warehouse(Path("it's") / "copy.duckdb")
    relative.copy_to(Path("again.duckdb"))
    relative.rewrite()
    assert (count(relative), relative.watermark("j")) == (2, 3)
    relative.close()
    assert not list(tmp_path.glob("*.fresh*"))


def test_where_memory_is_scarce_questions_are_asked_one_by_one_with_little_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for module in ("engine", "files"):
        monkeypatch.setattr(f"askfirst.store.warehouse.duckdb.{module}.is_scarce", lambda: True)
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    asked = "SELECT current_setting('memory_limit') AS most, current_setting('threads') AS threads"
    with ThreadPoolExecutor(8) as pool:
        found = [frame.iloc[0] for frame in pool.map(warehouse.answer, [asked] * 32)]
    warehouse.rewrite()
    warehouse.close()

    assert {(row["most"], row["threads"]) for row in found} == {("91.5 MiB", 1)}


def test_a_row_that_is_deleted_while_it_is_read_is_not_shown_without_its_texts(
    warehouse, batch_of, monkeypatch
):
    one, two = "a" * 32, "b" * 32
    rows = [{"visitor_id": one, "path": "/of-one"}, {"visitor_id": two, "path": "/of-two"}]
    warehouse.append(batch_of(*rows), "j", 1)
    read, left = Page.rows, [one]

    def deleting(page, question, *values):
        found = read(page, question, *values)
        if question is all_events and left:
            warehouse.delete_visitor(1, left.pop())
        return found

    monkeypatch.setattr(Page, "rows", deleting)
    assert list(warehouse.events()["path"]) == ["/of-two"]
    assert left == []


@pytest.mark.parametrize("size", [1, 30])
def test_what_few_rows_store_as_parameters_many_store_alike(warehouse, batch_of, size):
    texts = ["\N{SNOWMAN}?$1\n'", "\\", "%s"]
    rows = [{"path": text, "visitor_id": f"not canonical {text}"} for text in texts * size]
    warehouse.append(batch_of(*rows), "j", 1)
    shown = warehouse.events()
    assert sorted(shown["path"]) == sorted(texts * size)
    assert set(shown["visitor_id"]) == {f"not canonical {text}" for text in texts}
    assert warehouse.delete_visitor(1, f"not canonical {texts[0]}") == size
    assert set(warehouse.events()["path"]) == set(texts[1:])
