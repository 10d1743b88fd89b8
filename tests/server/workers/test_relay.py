"""The messages between a worker and the server, which both run in one process here."""

import asyncio
import errno
import socket
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
import structlog
import uvicorn

from askfirst.errors import AskfirstError, Unavailable
from askfirst.settings import Settings
from askfirst.sites import Site
from askfirst.store.ledger.tallies import NO_SITE
from collector.app import OnStored, encoded
from consent.policy.wording import default_policy
from server.app import ServerApp
from server.http.serving import uvicorn_config
from server.services import Services
from server.workers import manager as workers
from server.workers import server_stores, worker, worker_process
from server.workers.manager import MainServer
from server.workers.relay import STORED, Accepted, FromServer
from server.workers.server_stores import ServerStores
from server.workers.storing import store
from server.workers.worker import EventsOnly, WorkerApp
from tests.factories import a_view, an_entry, asked, settings_in, some_claims
from tests.server.wire import Wire


class InLoop:
    """A worker that is no process: its server runs on the loop of the test."""

    begun: list["InLoop"] = []  # noqa: RUF012 - the workers of one test after the other
    served_when_greeted = True

    def __init__(self, settings: Settings, *sockets: socket.socket) -> None:
        listening, services, way = (one.dup() for one in sockets)
        services.setblocking(False)
        app = self.app = WorkerApp(settings, services, way)
        self._server = app.server = uvicorn.Server(uvicorn_config(app, EventsOnly))
        self._ended = threading.Event()
        self.begun.append(self)
        loop.call_soon_threadsafe(lambda: setattr(self, "_task", self._serve(listening)))

    def _serve(self, listening: socket.socket) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(self._server.serve(sockets=[listening]))
        task.add_done_callback(lambda _: self._ended.set())
        return task

    def serves(self) -> bool:
        return self.app.intake({}) is not None

    def terminate(self) -> None:
        self._server.should_exit = True

    def join(self, timeout: float) -> None:
        self._ended.wait(timeout)

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def kill(self) -> None:
        self._server.should_exit = True


loop: asyncio.AbstractEventLoop


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    global loop  # noqa: PLW0603 - a worker is begun in a thread, and asks for it
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[Services] = loop.create_future()

    async def when_serving(services: Services) -> None:
        InLoop.served_when_greeted = any(one.serves() for one in InLoop.begun)
        opened.set_result(services)

    app = ServerApp(settings_in(tmp_path_factory.mktemp("data")))
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    server = MainServer(app, [bound], InLoop, when_serving)
    serving = asyncio.create_task(server.serve(sockets=[]))
    try:
        services = await opened
        await eventually(lambda: InLoop.begun and InLoop.begun[-1].serves())
        await eventually(lambda: not stands_in(server))
        site = await added(services, "Example", "example.org")
        made = Wire(services, port, site.key, signed(services, site), site.id)
        await said_soon(made, made.body(), 202)  # the worker knows the site
        yield made
    finally:
        server.should_exit = True
        await serving


def stands_in(server: MainServer) -> bool:
    assert server._workers
    return server._workers._workers[0]._standing_in._server is not None


async def eventually(holds: Callable[[], object]) -> None:
    for _ in range(1200):
        if holds():
            return
        await asyncio.sleep(0.025)
    pytest.fail("never")


async def added(services: Services, name: str, host: str) -> Site:
    content = default_policy(name, name, "privacy@example.org", "")
    return await services.book.add(name, (host,), "Europe/Berlin", content)


def signed(services: Services, site: Site, consent_id: str = "c" * 32) -> str:
    claims = some_claims(
        site_id=site.id,
        consent_id=consent_id,
        given_at=services.clock() - 1000,
        valid_until=services.clock() + 10**9,
    )
    return services.tokens.sign(claims)


async def said_soon(wire: Wire, body: bytes, status: int) -> None:
    """Send until the answer has the status: a worker learns of some things within a second."""
    found: list[tuple[int, bytes]] = []
    for _ in range(600):
        ((got, _, said),) = await wire.say(wire.request(body))
        found.append((got, said))
        if got == status:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"never {status}: {found[-1]}")


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_starts_a_server_does_not_wait_for_its_workers(wire: Wire):
    assert wire.port
    assert not InLoop.served_when_greeted


async def test_law_7_a_worker_answers_when_the_server_has_stored(wire: Wire):
    view = a_view(url="https://example.org/by-a-worker")
    ((status, _, body),) = await wire.say(wire.request(wire.body(view)))

    assert (status, body) == (202, b'{"recorded":1}')
    assert [row["path"] for row in await wire.rows() if row["event_id"] == view["id"]] == [
        "/by-a-worker"
    ]


async def test_a_page_is_answered_by_the_server_on_the_same_connection(wire: Wire):
    event, page = wire.request(wire.body()), wire.request(b"", "GET /tag.js HTTP/1.1")
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    statuses = []
    for said in (event, page, event, page):
        writer.write(said)
        statuses.append((await wire.read(reader))[0])
    writer.close()

    assert statuses == [202, 200, 202, 200]


async def test_a_head_that_comes_in_pieces_stays_where_it_began(wire: Wire):
    said = wire.request(wire.body())
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    for piece in (said[:20], said[20:60], said[60:]):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.05)
    status, _, _ = await wire.read(reader)
    writer.close()

    assert status == 202


async def test_what_is_sent_behind_an_event_that_still_waits_is_asked_to_come_anew(wire: Wire):
    said = wire.request(wire.body()) + wire.request(b"", "GET /tag.js HTTP/1.1")
    answers = await wire.say(said, answers=2, closes=True)

    assert [status for status, _, _ in answers] == [202, 503]


async def test_law_5_the_server_refuses_what_a_withdrawal_overtook(wire: Wire):
    site = wire.services.book.get(wire.key)
    token = signed(wire.services, site, "d" * 32)
    before = await wire.say(wire.request(wire.body(token=token)))
    with wire.services.withdrawn.marked_before_commit(wire.services.clock) as mark:
        mark(["d" * 32])
    after = await wire.say(wire.request(wire.body(token=token)))

    assert before[0][0] == 202
    assert (after[0][0], b"withdrawn" in after[0][2]) == (403, True)


async def test_law_7_what_the_server_cannot_store_is_answered_503(wire: Wire):
    await asked(wire.services.journal, "PRAGMA query_only=ON")
    ((status, headers, _),) = await wire.say(wire.request(wire.body()))
    await asked(wire.services.journal, "PRAGMA query_only=OFF")

    assert (status, headers["retry-after"]) == (503, "5")


async def test_a_site_has_one_ceiling_for_all_workers(wire: Wire):
    """Only the server knows how many events of a site all workers have taken today."""
    site = await added(wire.services, "Large", "example.org")
    body = {"site": site.key, "token": signed(wire.services, site, "e" * 32)}
    await said_soon(wire, wire.body(**body), 202)
    left = wire.services.settings.site_events_per_day - 2
    assert wire.services.event_ceiling.wait_for(site.id, left, wire.services.clock()) == 0
    view = a_view()
    answers = [await wire.say(wire.request(wire.body(one, **body))) for one in (a_view(), view)]

    assert [answer[0][0] for answer in answers] == [202, 429]
    assert b"too_fast" in answers[1][0][2]
    assert int(answers[1][0][1]["retry-after"]) > 0
    assert view["id"] not in [row["event_id"] for row in await wire.rows()]


async def test_law_7_a_worker_answers_503_while_the_servers_disk_is_short(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    storage = wire.services.storage
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_free_of", lambda _folder: 1)
        storage.look()
        ((status, headers, body),) = await wire.say(wire.request(wire.body()))
    storage.look()
    ((again, _, _),) = await wire.say(wire.request(wire.body()))

    assert (status, b"unavailable" in body, again) == (503, True, 202)
    assert int(headers["retry-after"]) > 0


async def test_a_site_that_is_added_is_soon_known_to_the_worker(wire: Wire):
    site = await added(wire.services, "Other", "example.org")
    view = a_view()
    body = wire.body(view, site=site.key, token=signed(wire.services, site))
    await said_soon(wire, body, 202)

    sites = [row["site_id"] for row in await wire.rows() if row["event_id"] == view["id"]]
    assert sites == [site.id]


async def test_sites_that_could_not_be_read_are_read_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker, "REFRESH_AGAIN_AFTER", 0.0)
    book = InLoop.begun[-1].app._book
    refresh, failures = book.refresh, [OSError(), OSError()]

    async def refreshed() -> None:
        if failures:
            raise failures.pop()
        await refresh()

    monkeypatch.setattr(book, "refresh", refreshed)
    with structlog.testing.capture_logs() as logs:
        site = await added(wire.services, "Third", "example.org")
        await said_soon(wire, wire.body(site=site.key, token=signed(wire.services, site)), 202)

    assert [line["event"] for line in logs] == ["sites_not_read"] * 2


async def test_law_2_the_server_refuses_what_the_end_of_a_site_overtook(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    """A worker reads the sites a moment later; the server checks what it accepts meanwhile."""
    site = await added(wire.services, "Fifth", "example.org")
    token = signed(wire.services, site, "e" * 32)
    await said_soon(wire, wire.body(site=site.key, token=token), 202)

    async def nothing_is_read() -> None:
        """Keep the worker from reading the sites."""

    monkeypatch.setattr(InLoop.begun[-1].app._book, "refresh", nothing_is_read)
    await wire.services.site_deletion.delete(site.id)
    view = a_view()
    ((status, _, said),) = await wire.say(wire.request(wire.body(view, site=site.key, token=token)))
    await wire.say(wire.request(wire.body(site=site.key, token="no")))
    for _ in range(600):
        tally = await wire.services.tallies.read(NO_SITE, "2000-01-01", "2999-12-31")
        if "bad_token" in tally:
            break
        await asyncio.sleep(0.05)

    assert (status, b"unknown_site" in said) == (403, True)
    assert view["id"] not in [row["event_id"] for row in await wire.rows()]
    assert tally["bad_token"] == 1
    assert await wire.services.tallies.read(site.id, "2000-01-01", "2999-12-31") == {}


async def test_law_8_what_a_worker_refuses_is_tallied_by_the_server(wire: Wire):
    await wire.say(wire.request(wire.body(token="no")))
    for _ in range(600):
        tally = await wire.services.tallies.read(1, "2000-01-01", "2999-12-31")
        if "bad_token" in tally:
            break
        await asyncio.sleep(0.05)

    assert tally["bad_token"] == 1


async def test_law_8_an_event_that_workers_are_sent_again_is_tallied_once(wire: Wire):
    content = default_policy("Sixth", "Sixth", "privacy@example.org", "")
    for purpose in content["purposes"]:
        purpose["columns"] = [one for one in purpose["columns"] if not one.startswith("link_")]
    site = await wire.services.book.add("Sixth", ("example.org",), "Europe/Berlin", content)
    token = signed(wire.services, site, "f" * 32)
    await said_soon(wire, wire.body(site=site.key, token=token), 202)
    link = {"kind": "link_click", "link_url": "https://other.test/", "link_kind": "outbound"}
    click, other = a_view(**link), a_view(**link)
    for sent in (click, click, other, click):
        ((status, _, said),) = await wire.say(
            wire.request(wire.body(sent, site=site.key, token=token))
        )
        assert (status, said) == (202, b'{"recorded":0}')
    await wire.say(wire.request(wire.body(site=site.key, token="no")))
    for _ in range(600):
        tally = await wire.services.tallies.read(site.id, "2000-01-01", "2999-12-31")
        if "bad_token" in tally and "other_purpose" in tally:
            break
        await asyncio.sleep(0.05)

    assert tally == {"bad_token": 1, "other_purpose": 2}


async def test_law_7_a_worker_that_ends_is_begun_anew_and_the_server_answers_meanwhile(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_process, "AGAIN_AFTER", 0.2)
    begun = len(InLoop.begun)
    with structlog.testing.capture_logs() as logs:
        InLoop.begun[-1].terminate()
        await eventually(lambda: not InLoop.begun[-1].is_alive())
        said = [wire.request(wire.body()), wire.request(b"", "GET /tag.js HTTP/1.1")]
        statuses = [(await wire.say(one))[0][0] for one in said]
        before = len(InLoop.begun)
        await eventually(lambda: len(InLoop.begun) > begun and InLoop.begun[-1].serves())
        await said_soon(wire, wire.body(), 202)

    assert (statuses, before) == ([202, 200], begun)
    assert [line["event"] for line in logs] == ["worker_ended"]


def accepted(consents: str, site_id: int, first: int = 0) -> list[Accepted]:
    """Return requests of one event each, one for each letter, which stands for a consent."""
    entries = [an_entry(site_id=site_id, consent_id=one * 32) for one in consents]
    return [
        Accepted(number, site_id, entry.consent_id, 0, [entry.event_id], encoded([entry]))
        for number, entry in enumerate(entries, first)
    ]


async def test_law_5_the_refused_requests_of_a_message_are_answered_at_once_and_the_others_stored(
    wire: Wire,
):
    """One answer tells of all refusals, by code, and one of all that is durable."""
    with wire.services.withdrawn.marked_before_commit(wire.services.clock) as mark:
        mark(["e" * 32])
    said: list[list[tuple[list[int], str]]] = []
    sent = [*accepted("cece", wire.site_id), *accepted("cc", NO_SITE, 4)]
    store(wire.services, sent, said.append)
    refused = said.copy()
    await eventually(lambda: len(said) == 2)

    assert refused == [[([1, 3], "withdrawn"), ([4, 5], "unknown_site")]]
    assert said[1] == [([0, 2], STORED)]


async def test_law_7_what_the_journal_has_no_room_for_is_answered_503_and_not_counted(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    """A full journal takes what fits; the rest comes again and is counted then."""
    group, ceiling = wire.services.journal._group, wire.services.event_ceiling
    monkeypatch.setattr(group, "_most", group._waiting_requests + 2)
    counted: list[int] = []
    monkeypatch.setattr(ceiling, "wait_for", lambda *asked: counted.append(asked[1]) or 0)
    said: list[list[tuple[list[int], str]]] = []
    sent = accepted("ccccc", wire.site_id)
    store(wire.services, sent, said.append)
    store(wire.services, sent[2:], said.append)
    refused, counted_then = said.copy(), counted.copy()
    await eventually(lambda: len(said) == 3)
    stored = {row["event_id"] for row in await wire.rows()}

    assert refused == [[([2, 3, 4], "unavailable")]] * 2
    assert (said[2], counted_then) == ([([0, 1], STORED)], [1, 1])
    assert [sent[n].ids[0] in stored for n in range(5)] == [True, True, False, False, False]


class Told:
    """A worker's stand-in for the journal, and the outcome of each event that it took."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.errors: list[AskfirstError | None] = []
        self.stored = ServerStores(9, lambda: None, lambda: self.lost.append("server"))

    def put(self, then: OnStored | None = None, url: str = "/") -> None:
        self.stored.put([an_entry(url=url)], 0, then or self.errors.append)

    @staticmethod
    def fail(_error: AskfirstError | None) -> None:
        raise RuntimeError

    def answer(self, *numbers: int) -> None:
        said = msgspec.msgpack.encode(FromServer([(list(numbers), STORED)]))
        self.stored.stream.data_received(len(said).to_bytes(4) + said)


async def test_law_7_everyone_who_waits_is_told_although_one_of_them_fails():
    told = Told()
    for then in (told.fail, None, told.fail, None):
        told.put(then)
    with structlog.testing.capture_logs() as logs:
        told.answer(1, 2)
        told.stored.stream.connection_lost(None)

    assert [error and error.code for error in told.errors] == [None, "unavailable"]
    assert told.lost == ["server"]
    assert [line["event"] for line in logs] == ["internal_error", "internal_error"]


async def test_law_7_a_worker_holds_no_more_bytes_than_the_journal(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(server_stores, "_MOST_BYTES", 5000)
    told = Told()
    told.put()
    told.put(url="/" * 5000)
    with pytest.raises(Unavailable):
        told.put()
    told.answer(2)
    told.put()

    assert told.errors == [None]


async def test_refusals_alone_wait_for_their_time_and_accepted_events_do_not(
    monkeypatch: pytest.MonkeyPatch,
):
    """However many turns of the loop refuse requests, one message tells of them all."""
    told, sent = Told(), []
    monkeypatch.setattr(told.stored.stream, "send", sent.append)
    timers: list[Callable[[], None]] = []
    with monkeypatch.context() as patch:  # nothing else runs on this loop until it ends
        running = asyncio.get_running_loop()
        patch.setattr(running, "call_later", lambda _seconds, then: timers.append(then))
        for _ in range(3):
            told.stored.add(1, "bad_token")
            told.stored.add_events(1, "other_purpose", ["a"])
            told.stored.flush()
        assert (sent, len(timers)) == ([], 1)
        timers[0]()
        assert [(one.tallied, len(one.events)) for one in sent] == [([(1, "bad_token", 3)], 3)]

        told.stored.add(1, "no_consent")
        told.put()
        told.stored.flush()
        assert [len(one.accepted) for one in sent] == [0, 1]
        assert (sent[1].tallied, len(timers)) == ([(1, "no_consent", 1)], 2)
        timers[1]()
        assert len(sent) == 2


async def test_a_worker_that_ends_tells_first_what_it_refused(monkeypatch: pytest.MonkeyPatch):
    told, sent = Told(), []
    monkeypatch.setattr(told.stored.stream, "send", sent.append)
    told.stored.add(1, "bad_token")
    told.stored.close()

    assert [one.tallied for one in sent] == [[(1, "bad_token", 1)]]


class Stubborn(InLoop):
    """A worker that sometimes cannot be started, and ends only when it is killed."""

    begun: list[InLoop] = []  # noqa: RUF012 - as above
    failures: list[OSError] = []  # noqa: RUF012 - as above

    def __init__(self, settings: Settings, *sockets: socket.socket) -> None:
        if self.failures:
            raise self.failures.pop()
        super().__init__(settings, *sockets)

    def terminate(self) -> None:
        pass


async def test_law_7_a_worker_is_begun_until_that_succeeds_and_killed_if_it_does_not_end(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_process, "AGAIN_AFTER", 0.0)
    monkeypatch.setattr(worker_process, "ENDS_WITHIN", 0.2)
    bound = socket.create_server(("127.0.0.1", 0))
    started = workers.Workers([bound], wire.services, asyncio.Protocol, Stubborn)
    await started.start()
    await eventually(lambda: Stubborn.begun)
    Stubborn.failures = [OSError(), OSError()]
    with structlog.testing.capture_logs() as logs:
        Stubborn.begun[0].kill()
        for _ in range(600):
            if len(Stubborn.begun) > 1:
                break
            await asyncio.sleep(0.05)
        await started.stop()

    assert [line["event"] for line in logs] == [
        "worker_ended",
        "worker_not_started",
        "worker_not_started",
        "worker_killed",
    ]


class Scarce(socket.socket):
    """A listening socket of a process that may have no descriptor left."""

    failures: list[OSError] = []  # noqa: RUF012 - as above

    def dup(self) -> socket.socket:
        if self.failures:
            raise self.failures.pop()
        return super().dup()


async def test_law_7_a_worker_is_replaced_although_the_server_cannot_stand_in_for_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_process, "AGAIN_AFTER", 0.01)
    bound = Scarce(fileno=socket.create_server(("127.0.0.1", 0)).detach())
    begun = len(Stubborn.begun)
    started = workers.Workers([bound], wire.services, asyncio.Protocol, Stubborn)
    await started.start()
    await eventually(lambda: len(Stubborn.begun) > begun and Stubborn.begun[-1].serves())
    Scarce.failures = [OSError(errno.EMFILE, "too many open files")]
    with structlog.testing.capture_logs() as logs:
        Stubborn.begun[-1].kill()
        await eventually(lambda: len(Stubborn.begun) > begun + 1 and Stubborn.begun[-1].serves())
    Stubborn.begun[-1].kill()
    await started.stop()

    assert [line["event"] for line in logs] == ["worker_ended", "not_standing_in"]


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_worker_that_cannot_be_begun_is_tried_later_and_later_and_leaves_nothing_open(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_process, "AGAIN_AFTER", 0.01)
    monkeypatch.setattr(worker_process, "_LONGEST_WAIT", 0.04)
    bound = socket.create_server(("127.0.0.1", 0))
    started = workers.Workers([bound], wire.services, asyncio.Protocol, Stubborn)
    Stubborn.failures = [OSError("no memory") for _ in range(100)]
    with structlog.testing.capture_logs() as logs:
        await started.start()
        await eventually(lambda: len(Stubborn.failures) < 98)
        before = open_descriptors()
        await eventually(lambda: len(Stubborn.failures) < 95)
        after = open_descriptors()
        await started.stop()

    assert after <= before  # connections of other tests may end meanwhile
    assert {line["event"] for line in logs} == {"worker_not_started"}
