"""Law 6 over whole histories of browsers: whatever they did, an erasure reaches all of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import receipt_id_of, rows_by_holder
from askfirst.store.ledger.tables import erasures, metadata
from tests.askfirst.store.warehouse.amount import examples
from tests.factories import a_view
from tests.world import Browser, World, running_world, stored_rows

MONTH_DAYS = 31
NO_LIMITS = {"choices_per_minute": 10**9, "events_per_minute": 10**9}


class Crash(Exception):
    """Raised where the process ends."""


class Steps:
    """Counts the steps of an erasure, and ends it at one of them, or never for None."""

    def __init__(self, at: int | None) -> None:
        self.left = at

    def passed(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash


class CrashingLedger:
    """A ledger whose transactions are steps: before them, and when they are durable."""

    def __init__(self, ledger: Ledger, steps: Steps) -> None:
        self._ledger = ledger
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        self._steps.passed()
        async with self._ledger.write() as connection:
            yield connection
        self._steps.passed()


@contextmanager
def ending(world: World, at: int | None) -> Iterator[None]:
    """Let the next erasure end at a step."""
    steps, eraser = Steps(at), world.services.eraser
    places = world.services.personal_data.holders
    whole = {place: place.erase for place in places}

    def stepping(erase: Any) -> Any:
        async def stepped(site_id: int, *visitor_ids: str) -> int:
            count = await erase(site_id, *visitor_ids)
            steps.passed()
            return int(count)

        return stepped

    for place in places:
        place.erase = stepping(whole[place])  # type: ignore[method-assign]
    eraser._ledger = CrashingLedger(world.services.ledger, steps)  # type: ignore[assignment]
    try:
        yield
    finally:
        eraser._ledger = world.services.ledger
        for place in places:
            place.erase = whole[place]  # type: ignore[method-assign]


@dataclass
class Life:
    """What the model knows of one visitor: the ids, and how many rows they have."""

    ids: set[str] = field(default_factory=set)
    events: int = 0
    records: int = 0
    codes: int = 0
    """Receipt codes: one comes with each yes."""
    open: str = ""
    """The token of the yes that is open, or ''."""


class History:
    """The acts of one browser, and the result that each must have."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens: list[str] = []
        self.lives: dict[str, Life] = {}

    def browser(self, token: str = "") -> Browser:
        made = self.world.browser()
        made.token = token
        return made

    def known(self, which: int) -> str:
        return self.tokens[which % len(self.tokens)] if self.tokens else ""

    async def yes(self, which: int | None) -> None:
        older = "" if which is None else self.known(which)
        browser = self.browser()
        answer = await browser.accept(**({"token": older} if older else {}))
        assert answer.status_code == 200, answer.text
        life = self.lives[older] if older and self.lives[older].ids else Life()
        life.records += 2 if life.open else 1
        life.codes += 1
        claims = self.world.services.tokens.read(browser.token)
        assert claims is not None
        life.ids.add(claims.visitor_id)
        life.open = browser.token
        self.lives[browser.token] = life
        self.tokens.append(browser.token)

    async def withdraw(self, which: int) -> None:
        if not (token := self.known(which)):
            return
        assert (await self.browser(token).withdraw()).status_code == 200
        self.ended(token)

    def ended(self, token: str) -> None:
        life = self.lives[token]
        if life.open == token:
            life.records, life.open = life.records + 1, ""

    async def visit(self, which: int) -> None:
        if not (token := self.known(which)):
            return
        answer = await self.browser(token).send(a_view())
        assert answer.status_code in (202, 403), answer.text
        self.lives[token].events += answer.status_code == 202

    async def erase(self, which: int, at: int | None, resumes: bool) -> None:
        if not (token := self.known(which)):
            return
        life, browser = self.lives[token], self.browser(token)
        with ending(self.world, at):
            answer = await browser.erase()
        crashed = answer.status_code != 200
        if crashed and resumes:
            await self.world.services.eraser.resume()
        done = crashed and await self.is_done(life)
        if crashed:
            answer = await browser.erase()
        assert answer.status_code == 200, answer.text
        await self.check_erased(life, answer.json()["receipt"], told=not done)

    async def check_erased(self, life: Life, receipt: dict[str, Any], *, told: bool) -> None:
        life.records += bool(life.open)
        expected = life.events + life.records + life.codes if life.ids else 0
        numbers = [receipt_id_of(self.world.site.id, one) for one in life.ids]
        assert await self.on_record(numbers) == expected
        if numbers:  # found by its number, the receipt says the same whatever happened meanwhile
            assert await self.on_record([receipt["receipt_id"]]) == expected
        if not told:  # it was over before the visitor asked again
            assert (receipt["rows"], receipt["identifiers"]) == (0, 0)
        else:
            assert receipt["rows"] == sum(receipt["places"].values()) == expected
            assert receipt["identifiers"] == len(life.ids)
        left = await everything(self.world)
        assert not any(one in left for one in life.ids)
        life.ids.clear()
        life.events, life.records, life.codes, life.open = 0, 0, 0, ""

    async def is_done(self, life: Life) -> bool:
        numbers = [receipt_id_of(self.world.site.id, one) for one in life.ids]
        over = erasures.c.receipt_id.in_(numbers) & erasures.c.completed_at.is_not(None)
        async with self.world.services.ledger.read() as connection:
            found = (await connection.execute(select(erasures.c.receipt_id).where(over))).all()
        return len(found) == len(numbers)

    async def on_record(self, numbers: list[str]) -> int:
        chosen = select(erasures.c.counts).where(erasures.c.receipt_id.in_(numbers))
        async with self.world.services.ledger.read() as connection:
            found = list(await connection.scalars(chosen))
        assert len(found) == len(numbers)
        return sum(sum(rows_by_holder(counts).values()) for counts in found)

    async def check_kept(self) -> None:
        """Check that whatever nobody erased is there, with one open yes at most for a visitor."""
        places = self.world.services.personal_data
        for life in {id(one): one for one in self.lives.values() if one.ids}.values():
            rows = await places.rows(self.world.site.id, next(iter(life.ids)))
            events = rows["warehouse.events"] + rows["journal.waiting"]
            records = rows["ledger.consent_records"]
            still_open = {row["consent_id"] for row in records if row["state"] != "withdrawn"}
            still_open -= {row["consent_id"] for row in rows["ledger.withdrawals"]}
            assert (len(events), len(records)) == (life.events, life.records)
            assert len(still_open) == bool(life.open)


async def everything(world: World) -> str:
    """Return every row of every store as text."""
    services = world.services
    found: list[Any] = []
    async with services.ledger.read() as connection:
        for table in metadata.tables.values():
            found += (await connection.execute(select(table))).all()
    rows = await asyncio.to_thread(stored_rows, services.warehouse)
    stored = str(rows).replace("-", "")  # in the form in which ids are known outside
    await services.journal.append([], 0)
    return f"{found} {stored} {world.journal_bytes()!r}"


async def ask_again(world: World) -> None:
    policy = world.services.book.policy(world.site)
    texts = {tag: await world.services.book.texts(policy, tag) for tag in ("en",)}
    content = {**policy.content, "texts": texts}
    await world.services.book.publish(world.site, content, asks_again=True)


NEWEST = -1
TOKEN = st.sampled_from([NEWEST, NEWEST, NEWEST, 0, 1, 2, 3])
ACTS = st.one_of(
    st.tuples(st.just("yes"), TOKEN | st.none()),
    st.tuples(st.just("yes"), TOKEN),
    st.tuples(st.just("withdraw"), TOKEN),
    st.tuples(st.just("visit"), TOKEN),
    st.tuples(st.just("ship")),
    st.tuples(st.just("months"), st.sampled_from([1, 5, 9, 14])),
    st.tuples(st.just("ask again")),
    st.tuples(st.just("erase"), TOKEN, st.none() | st.integers(0, 20), st.booleans()),
)


async def act(world: World, history: History, name: str, *how: Any) -> None:
    if name == "ship":
        await world.services.shipper.ship_all()
    elif name == "months":
        world.clock.move(days=how[0] * MONTH_DAYS)
    elif name == "ask again":
        await ask_again(world)
    else:
        await getattr(history, name)(*how)


async def live(world: World, acts: list[Any]) -> None:
    mine, other = History(world), History(world)
    await other.yes(None)
    await other.visit(0)
    for name, *how in [("yes", None), ("visit", NEWEST), *acts, ("erase", NEWEST, None, False)]:
        world.clock.move(minutes=1)
        await act(world, mine, name, *how)
    await mine.check_kept()
    await other.check_kept()
    await other.erase(0, None, False)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, World]]:
    with running_world(tmp_path_factory.mktemp("lives"), **NO_LIMITS) as running:
        yield running


@settings(
    max_examples=examples(10, 60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, min_size=5, max_size=14))
@example(acts=[("erase", NEWEST, 12, False)])
@example(acts=[("withdraw", NEWEST), ("yes", NEWEST), ("erase", NEWEST, 13, True)])
def test_law_6_after_an_erasure_no_row_of_any_life_of_the_browser_is_left(
    running: tuple[asyncio.Runner, World], acts: list[Any]
) -> None:
    runner, world = running
    runner.run(live(world, acts))
