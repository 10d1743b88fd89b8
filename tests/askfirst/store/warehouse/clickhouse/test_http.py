"""ClickHouse over HTTP: what is raised when it refuses, stalls, or is another program."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from askfirst.errors import AskfirstError, Misconfigured, TookTooLong, Unavailable
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.clickhouse import engine as engines
from askfirst.store.warehouse.clickhouse.address import address_of
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.time_limit import TimeLimit
from tests.askfirst.store.warehouse.clickhouse.http_server import (
    PASSWORD,
    USER,
    Behaviour,
    Refusal,
    Server,
    serving,
    usual,
)

TEXTS = ("column", "id", "text")


@pytest.fixture(scope="module")
def database(chdb: Any) -> Iterator[str]:
    with chdb.database() as name:
        yield name


@pytest.fixture(scope="module")
def shared_server(chdb: Any) -> Iterator[Server]:
    with serving(chdb) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    shared_server.behaviour = usual
    shared_server.requests.clear()
    yield shared_server
    shared_server.behaviour = usual


def engine_on(
    server: Server, database: str, *, user: str = USER, password: str = PASSWORD, timeout: int = 4
) -> Any:
    where = f"127.0.0.1:{server.port}/{database}?timeout={timeout}"
    url = f"clickhouse://{user}:{password}@{where}"
    return ClickHouseEngine(address_of(url, {}), server="one")


@pytest.fixture
def engine(server: Server, database: str) -> Iterator[ClickHouseEngine]:
    opened: ClickHouseEngine = engine_on(server, database)
    yield opened
    server.behaviour = usual
    opened.close()


def texts(*rows: tuple[str, int, str]) -> Any:
    return insert_rows("texts", TEXTS, list(rows))


def found(engine: ClickHouseEngine, column: str) -> list[str]:
    with engine.reading() as reader:
        sql = "SELECT text FROM texts WHERE `column` = $column ORDER BY id"
        return list(reader.arrow(sql, {"column": column})["text"].to_pylist())


def on(word: str, act: Behaviour) -> Behaviour:
    """Return a behaviour that acts on statements with a word, and is the usual one else."""

    def behave(handler: Any, sql: str, answer: Callable[[], bytes]) -> bytes:
        return act(handler, sql, answer) if word in sql else answer()

    return behave


def refusing(status: int, code: int | None, body: str) -> Behaviour:
    def refuse(*_: Any) -> bytes:
        raise Refusal(status, code, body)

    return refuse


def without_answer(handler: Any, _sql: str, answer: Callable[[], bytes]) -> bytes:
    answer()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return b""


class Stalling:
    """Answers nothing until it is released; then it carries out what it was sent."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()
        self.landed = threading.Event()

    def __call__(self, _handler: Any, _sql: str, answer: Callable[[], bytes]) -> bytes:
        self.reached.set()
        self.released.wait(30)
        try:
            return answer()
        finally:
            self.landed.set()


def test_what_is_committed_over_http_is_read_back(engine: ClickHouseEngine) -> None:
    hostile = "'; DROP --\t\n\\N \0 {a:String} $a \u00e9\U0001f600"
    engine.commit(texts(("http", 1, hostile)), "http 1")
    assert found(engine, "http") == [hostile]


def test_no_value_stands_in_an_address(engine: ClickHouseEngine, server: Server) -> None:
    engine.commit(texts(("secret-column", 1, "secret-text")), "http 2")
    assert found(engine, "secret-column") == ["secret-text"]
    assert server.requests
    assert not [path for path, sql in server.requests if "secret" in path + sql]


def test_an_answer_that_is_lost_is_no_loss_and_no_double(
    engine: ClickHouseEngine, server: Server
) -> None:
    engine.prepare()
    server.behaviour = on("INTO `texts`", without_answer)
    with pytest.raises(Unavailable):
        engine.commit(texts(("lost", 1, "a")), "lost")
    server.behaviour = usual
    engine.commit(texts(("lost", 1, "a")), "lost")
    assert found(engine, "lost") == ["a"]


def test_a_request_that_lands_after_it_was_given_up_and_sent_again_is_no_double(
    engine: ClickHouseEngine, server: Server
) -> None:
    engine.prepare()
    stalling = Stalling()
    server.behaviour = on("INTO `texts`", stalling)
    with pytest.raises(Unavailable, match="did not answer in time"):
        engine.commit(texts(("late", 1, "a")), "late")
    server.behaviour = usual
    engine.commit(texts(("late", 1, "a")), "late")
    stalling.released.set()
    assert stalling.landed.wait(60)
    assert found(engine, "late") == ["a"]


@pytest.mark.parametrize(
    ("status", "code", "body", "kind", "says"),
    [
        (500, 47, "Code: 47. SECRET (UNKNOWN_IDENTIFIER)", Unavailable, "statement with error 47"),
        (403, 497, "Code: 497. SECRET (ACCESS_DENIED)", Misconfigured, "lacks a right"),
        (502, None, "<html>SECRET bad gateway</html>", Unavailable, "does not answer like"),
    ],
)
def test_what_the_server_says_is_told_without_its_words(
    engine: ClickHouseEngine,
    server: Server,
    status: int,
    code: int | None,
    body: str,
    kind: type[AskfirstError],
    says: str,
) -> None:
    engine.prepare()
    server.behaviour = on("INTO `texts`", refusing(status, code, body))
    with pytest.raises(kind, match=says) as raised:
        engine.commit(texts(("said", 1, "a")), f"said {status} {code}")
    assert "SECRET" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        (202, "TOO_MANY_SIMULTANEOUS_QUERIES", "as many statements as it may at once: error 202"),
        (241, "MEMORY_LIMIT_EXCEEDED", "no memory left for a statement: error 241"),
        (242, "TABLE_IS_READ_ONLY", "nobody write into a table: .* error 242"),
        (243, "NOT_ENOUGH_SPACE", "no room left on its disk: error 243"),
        (252, "TOO_MANY_PARTS", "too many parts in a table, .* error 252"),
        (285, "TOO_FEW_LIVE_REPLICAS", "too few replicas that are alive: error 285"),
        (319, "UNKNOWN_STATUS_OF_INSERT", "does not know whether it has stored rows: .* error 319"),
        (999, "KEEPER_EXCEPTION", "lost ClickHouse Keeper: error 999"),
    ],
)
@pytest.mark.parametrize("is_stored", [False, True])
def test_law_7_what_passes_is_said_and_a_commit_is_done_once_when_it_has_passed(
    engine: ClickHouseEngine, server: Server, code: int, name: str, says: str, is_stored: bool
) -> None:
    """A server also answers with an error when it has stored the rows: its replicas failed."""
    engine.prepare()
    column = f"passing {code} {is_stored}"
    refuse = refusing(500, code, f"Code: {code}. DB::Exception: SECRET ({name})")

    def behave(handler: Any, sql: str, answer: Callable[[], bytes]) -> bytes:
        if is_stored:
            answer()
        return refuse(handler, sql, answer)

    for statement in ("INTO `redo`", "INTO `texts`", "INTO `redo_done`"):
        server.behaviour = on(statement, behave)
        with pytest.raises(Unavailable, match=says) as raised:
            engine.commit(texts((column, 1, statement)), f"{column} {statement}")
        assert "SECRET" not in "".join(traceback.format_exception(raised.value))
        server.behaviour = usual
        engine.commit(texts((column, 1, statement)), f"{column} {statement}")
    assert sorted(found(engine, column)) == ["INTO `redo_done`", "INTO `redo`", "INTO `texts`"]


def with_an_error_behind(_handler: Any, _sql: str, answer: Callable[[], bytes]) -> bytes:
    """Answer as a server does that fails when it has already begun to answer."""
    whole = answer()
    return whole[: len(whole) // 2] + b"Code: 241. DB::Exception: SECRET (MEMORY_LIMIT_EXCEEDED)"


def cut_short(handler: Any, _sql: str, answer: Callable[[], bytes]) -> bytes:
    whole = answer()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    handler.wfile.write(whole[: len(whole) // 2])
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return b""


@pytest.mark.parametrize("behaviour", [with_an_error_behind, cut_short, without_answer])
def test_half_an_answer_is_no_answer(
    engine: ClickHouseEngine, server: Server, behaviour: Behaviour
) -> None:
    engine.commit(texts(*(("half", one, "x" * 50) for one in range(1, 200))), "half")
    server.behaviour = on("FROM texts", behaviour)
    with pytest.raises(Unavailable) as raised:
        found(engine, "half")
    assert "SECRET" not in "".join(traceback.format_exception(raised.value))
    server.behaviour = usual
    assert len(found(engine, "half")) == 199


def test_a_question_that_stalls_is_given_up_and_holds_up_no_deletion_for_good(
    engine: ClickHouseEngine, server: Server
) -> None:
    engine.commit(texts(("stalls", 1, "a"), ("stalls", 2, "b")), "stalls")
    stalling = Stalling()
    server.behaviour = on("SELECT text FROM texts", stalling)
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            found(engine, "stalls")
        except Unavailable as error:
            failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert stalling.reached.wait(60)
    engine.commit([Delete("texts", equal={"column": "stalls", "id": 1})], "stalls deleted")
    assert [str(one) for one in failed]  # the client gave up before the row was deleted
    asking.join(20)
    server.behaviour = usual
    stalling.released.set()
    assert found(engine, "stalls") == ["b"]


def test_a_wrong_password_is_said_and_not_repeated(
    server: Server, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "-".join(("wr0ng", "secret"))
    with pytest.raises(Misconfigured, match="refuses the user or the password") as raised:
        engine_on(server, database, password=secret).prepare()
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert secret not in told


def test_a_database_that_does_not_exist_is_named(server: Server) -> None:
    with pytest.raises(Misconfigured, match=r"no such database: .*/absent"):
        engine_on(server, "absent").prepare()


def test_another_program_is_told_from_clickhouse(server: Server, database: str) -> None:
    for status, body in ((404, "<html>Not here</html>"), (200, "<html>Hello</html>")):

        def another(handler: Any, _sql: str, _answer: Any, s: int = status, b: str = body) -> bytes:
            if s == 200:
                return b.encode()
            raise Refusal(s, None, b)

        server.behaviour = another
        with pytest.raises(Misconfigured, match="is not ClickHouse's HTTP interface"):
            engine_on(server, database).prepare()


def test_a_server_that_is_away_at_the_start_is_used_when_it_is_back(
    chdb: Any, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"clickhouse://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}?timeout=1&connect_timeout=1"
    engine = ClickHouseEngine(address_of(url, {}), server="one")
    with pytest.raises(Unavailable, match="cannot be reached"):
        engine.commit(texts(("away", 1, "a")), "away")
    assert caplog.records == []  # the library says it beside the error, and not as JSON
    with serving(chdb, port):
        engine.commit(texts(("away", 1, "a")), "away")
        assert found(engine, "away") == ["a"]
        engine.close()


def test_of_many_that_wait_for_a_server_that_stalls_one_tries(
    server: Server, database: str
) -> None:
    stalling = Stalling()
    server.behaviour = stalling
    engine = engine_on(server, database)
    failed: list[AskfirstError] = []

    def ask() -> None:
        try:
            engine.prepare()
        except AskfirstError as error:
            failed.append(error)

    asking = [threading.Thread(target=ask) for _ in range(5)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(20)
    assert len(failed) == 5
    assert len(server.requests) < 5
    stalling.released.set()


@pytest.fixture
def patient(server: Server, database: str) -> Iterator[ClickHouseEngine]:
    """Yield an engine that waits for any answer for a minute."""
    opened: ClickHouseEngine = engine_on(server, database, timeout=60)
    yield opened
    server.behaviour = usual
    opened.close()


def ask(engine: ClickHouseEngine, limit: TimeLimit) -> None:
    many = pa.table({"number": pa.array(range(5_000), pa.int32())})
    with engine.reading(limit) as reader:
        reader.arrow('SELECT sum(number) AS total FROM "many"', None, {"many": many})


@pytest.mark.parametrize("word", ["SELECT sum(number)", "ENGINE = Memory", "INTO `kept_"])
def test_a_report_ends_with_its_time_where_the_server_stalls_and_drops_nothing_then(
    patient: ClickHouseEngine, server: Server, word: str
) -> None:
    patient.prepare()
    ask(patient, TimeLimit(60))
    server.requests.clear()
    stalling = Stalling()
    server.behaviour = on(word, stalling)
    with pytest.raises(TookTooLong, match="within 10 seconds: try again") as raised:
        ask(patient, TimeLimit(10))
    assert raised.value.retry_after == 10
    assert stalling.reached.is_set()
    assert word in server.requests[-1][1]
    stalling.released.set()


def test_a_report_ends_with_its_time_where_the_server_stalls_from_the_start(
    patient: ClickHouseEngine, server: Server
) -> None:
    server.behaviour = stalling = Stalling()
    with pytest.raises(TookTooLong):
        ask(patient, TimeLimit(0.2))
    stalling.released.set()


def test_a_report_does_not_wait_longer_than_its_time_for_another_that_tries_to_reach_the_server(
    patient: ClickHouseEngine, server: Server
) -> None:
    stalling = Stalling()
    server.behaviour = stalling
    failed: list[AskfirstError] = []

    def prepare() -> None:
        try:
            patient.prepare()
        except AskfirstError as error:
            failed.append(error)

    preparing = threading.Thread(target=prepare)
    preparing.start()
    assert stalling.reached.wait(60)
    with pytest.raises(TookTooLong):
        ask(patient, TimeLimit(0.05))
    patient.close()
    preparing.join(20)
    assert [one.retry_after for one in failed] == [10]
    stalling.released.set()


@pytest.mark.parametrize("word", ["INTO `texts`", "owner"])
def test_a_stop_does_not_wait_for_a_server_that_stalls_and_what_was_begun_is_finished_later(
    chdb: Any, server: Server, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr(engines, "_ENDING_SECONDS", 0.2)
    with chdb.database() as name:
        engine = engine_on(server, name, timeout=600)
        engine.commit(texts(("stopped", 1, "a")), "first")
        engine._owner._sure_until = 0.0  # as after half a minute: a commit asks for the lease
        stalling = Stalling()
        server.behaviour = on(word, stalling)
        failed: list[AskfirstError] = []

        def commit() -> None:
            try:
                engine.commit(texts(("stopped", 2, "b")), "second")
            except AskfirstError as error:
                failed.append(error)

        committing = threading.Thread(target=commit)
        committing.start()
        assert stalling.reached.wait(60)
        engine.close()
        committing.join(20)
        assert len(failed) == 1
        server.behaviour = usual
        stalling.released.set()
        again = engine_on(server, name)
        again.commit(texts(("stopped", 2, "b")), "second")
        assert found(again, "stopped") == ["a", "b"]
        again.close()


def test_a_stop_of_an_engine_that_nobody_holds_up_ends_the_lease(server: Server, chdb: Any) -> None:
    with chdb.database() as name:
        engine = engine_on(server, name)
        engine.prepare()
        engine.close()
        other = chdb.engine(name, server="two")
        other.commit(texts(("after", 1, "a")), "another")  # which a lease that lasts refuses
        assert found(other, "after") == ["a"]
        other.close()
