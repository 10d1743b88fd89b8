"""Summaries, visits and dictionaries stay exact, whatever is stored, deleted or closed."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from askfirst.columns import KINDS
from askfirst.events import EVENT_COLUMNS
from askfirst.local_days import local_day
from askfirst.rules.corrections import HIDDEN, Correction, page_mark
from askfirst.rules.report_rules import NO_RULES
from askfirst.store.warehouse.appending.appender import Appender
from askfirst.store.warehouse.batches import ARROW_SCHEMA, batch_of
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.summaries import deleting, folding, history, moving
from askfirst.store.warehouse.summaries.closed_days import closable, closed_days
from askfirst.store.warehouse.summaries.removal import (
    Removal,
    of_before,
    of_span,
    of_version,
    of_visit,
    of_visitor,
    of_visitors,
)
from askfirst.store.warehouse.summaries.reopening import reopen
from askfirst.store.warehouse.summaries.source import Source
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.oracle import Row
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of
from tests.askfirst.store.warehouse.summaries.stored_state import (
    StoredState,
    expected_sums,
    expected_visits,
    stored_visits,
)

HOUR = 3_600_000
SITES = (1, 2)
SIDES = (*SITES, *(-site for site in SITES))
RULES = ("", "webdriver", "network")
ZONES = ("UTC", "Europe/Berlin", "America/Santiago", "Pacific/Kiritimati")
BEGIN = round(datetime(2026, 3, 27, 21, tzinfo=UTC).timestamp() * 1000)  # two days before summer
FEW = st.integers(0, 2)
EXAMPLES = {"duckdb": examples(4, 40), "clickhouse": examples(2, 10)}
"""The first example is the simplest, in which nothing else comes."""
STEPS = {"duckdb": 25, "clickhouse": 25 if IS_LONG else 15}

happenings = st.fixed_dictionaries(
    {
        "visit": st.sampled_from(("same", "same", "new", "old")),
        "late": st.sampled_from((0, 0, 0, 1, HOUR, 5 * HOUR, 23 * HOUR, 50 * HOUR)),
        "kind": st.sampled_from(("page_view",) * 5 + KINDS[2:]),
        "text": FEW,
        "profile": st.sampled_from((0, 0, 0, 1, 2)),
        "canonical": st.sampled_from((True, True, True, False)),
    }
)


class Changes(RuleBasedStateMachine):
    """Two sites, three visitors each; the model is the list of events that should be there."""

    open_engine: Callable[[], AbstractContextManager[Engine]]
    compared: Counter[bool]
    """How often what is stored was compared with the model, by whether that had events."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.engine = self.stack.enter_context(type(self).open_engine())
        self.appender = Appender(self.engine.dialect)
        self.rows: list[Row] = []
        self.now = BEGIN
        self.number = 0
        self.changed = True
        self.zones = dict.fromkeys(SITES, "Europe/Berlin")
        self.left_out: set[tuple[int, str]] = {(1, "network")}

    def teardown(self) -> None:
        self.stack.close()

    # What happens.

    @initialize()
    def a_visit_was_detached(self) -> None:
        one = {"visit": "same", "late": 0, "kind": "page_view", "text": 1, "profile": 0}
        self.events_come(site=1, visitor=0, events=[{**one, "canonical": True}] * 2)
        self._correct(self.rows[0], "visit", "", self.rows[0]["visit_id"])

    @rule(
        site=st.sampled_from((1, 1, 1, 2)),
        visitor=FEW,
        events=st.lists(happenings, min_size=1, max_size=4),
    )
    def events_come(self, site: int, visitor: int, events: list[dict[str, Any]]) -> None:
        batch: list[Row] = []
        for one in events:
            batch.append(self._row(site, visitor, one, batch))
        table = batch_of({name: [row[name] for row in batch] for name in EVENT_COLUMNS})
        assert table.schema == ARROW_SCHEMA
        with self.engine.reading() as reader:
            prepared = self.appender.prepare(reader, table)
            source = Source(reader, self.engine.dialect)
            closed = closed_days(source)
            reopened = reopen(source, prepared.touched, prepared.begun, closed)
        self.changed = True
        self.engine.commit([*prepared.operations, *reopened], f"append {self.number}")
        self.appender.learn(prepared)
        self.rows += batch

    def _row(self, site: int, visitor: int, one: dict[str, Any], batch: list[Row]) -> Row:
        self.number += 1
        event_id = id_of(self.number, one["canonical"])
        visitor_id = hex_of(f"v{visitor}", visitor != 2)  # the same ids on both sites
        profile = one["profile"]
        site *= -1 if (site, RULES[profile]) in self.left_out else 1
        mine = [
            row["visit_id"]
            for row in [*self.rows, *batch]
            if row["site_id"] == site and row["visitor_id"] == visitor_id
        ]
        visit_id = event_id
        if mine and one["visit"] != "new":
            visit_id = mine[-1] if one["visit"] == "same" else mine[0]
        text = ("", "/a", "/b")[one["text"]]
        return {
            **NOTHING,
            "site_id": site,
            "event_id": event_id,
            "kind": one["kind"],
            "time": datetime.fromtimestamp((self.now - one["late"]) / 1000, UTC).replace(
                tzinfo=None
            ),
            "visitor_id": visitor_id,
            "visit_id": visit_id,
            "consent_id": hex_of(f"c{visitor}{profile}", visitor != 2),
            "policy_version": 1 + profile,
            "path": f"{text}{visitor}" if one["late"] else text,
            "referrer": f"https://{one['text']}",
            "referrer_host": text,
            "source": text,
            "scroll": one["text"],
            "amount": one["text"] << 40,
            "link_url": text if one["kind"] == "link_click" else "",
            "ip": f"10.0.0.{visitor}",
            "country": ("", "DE", "FR")[profile],
            "browser": "Firefox",
            "bot_rule": RULES[profile],
        }

    @rule(hours=st.sampled_from((1, 7, 24, 30, 24 * 5)))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(site=st.sampled_from((1, 1, -1, 2, -2)), steps=st.sampled_from((1, 20, 20)))
    def days_are_closed(self, site: int, steps: int) -> None:
        zone = self.zones[abs(site)]
        for step in range(steps):
            with self.engine.reading() as reader:
                source = Source(reader, self.engine.dialect)
                due = folding.due(source, site, zone, self.now)
                operations = folding.fold(source, site, zone, self.now)
            assert bool(operations) == due
            if not operations:
                break
            self.changed = True
            self.engine.commit(operations, f"fold {site} {self.now} {step}")
        else:
            if steps > 1:
                pytest.fail("It never ends.")
        if steps > 1 and any(row["site_id"] == site for row in self.rows):
            closed = StoredState(self.engine).closed.get(site)
            if closed:
                assert closed["zone"] == zone
                assert closed["closed_until"] == closable(self.now, zone)

    @rule(site=st.sampled_from(SITES), zone=st.sampled_from(ZONES))
    def the_zone_changes(self, site: int, zone: str) -> None:
        self.zones[site] = zone

    @precondition(lambda self: any(row["bot_rule"] for row in self.rows))
    @rule(data=st.data())
    def a_rule_is_switched(self, data: st.DataObject) -> None:
        """What a rule fits moves to the other side of its site, and all else stays."""
        row = data.draw(st.sampled_from([row for row in self.rows if row["bot_rule"]]))
        here, there, of = row["site_id"], -row["site_id"], row["bot_rule"]
        site, left_out = abs(here), here > 0
        moved = Warehouse(self.engine).set_left_out(site, of, left_out=left_out)
        going = [row for row in self.rows if (row["site_id"], row["bot_rule"]) == (here, of)]
        assert moved == len(going)
        for row in going:
            row["site_id"] = there
        (self.left_out.add if left_out else self.left_out.discard)((site, of))
        self.appender = Appender(self.engine.dialect)
        self.changed = True

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), what=st.sampled_from(("country", "device", "source", "page", "visit")))
    def a_visitor_corrects(self, data: st.DataObject, what: Any) -> None:
        """What is wrong is right, and everything else stays."""
        row = data.draw(st.sampled_from(self.rows))
        to = data.draw(st.sampled_from(("", "AT"))) if what == "country" else ""
        visit_id = row["visit_id"] if what == "visit" or data.draw(st.booleans()) else ""
        self._correct(row, what, to, visit_id)

    def _correct(self, row: Row, what: Any, to: str, visit_id: str) -> None:
        site, visitor_id, page = abs(row["site_id"]), row["visitor_id"], row["path"]
        self.number += 1
        nobody = hex_of(f"n{self.number}", True)
        correction = Correction(
            kind=what,
            to=to,
            until=self.now + HOUR,
            visit_id="" if what == "page" else visit_id,
            page=page_mark("", page) if what == "page" else "",
            detached_id=nobody if what == "visit" else "",
        )
        before = [dict(one) for one in self.rows]
        for one in self.rows:
            whose = (abs(one["site_id"]), one["visitor_id"]) == (site, visitor_id)
            if whose and (what == "page" or visit_id in ("", one["visit_id"])):
                _correct(one, what, to, page, nobody)
        changed = sum(one != was for one, was in zip(self.rows, before, strict=True))
        warehouse = Warehouse(self.engine)
        assert warehouse.correct(site, visitor_id, [correction], NO_RULES) == changed
        assert warehouse.correct(site, visitor_id, [correction], NO_RULES) == 0
        if what == "visit":
            self._learn_new_ids(nobody)
        self.appender = Appender(self.engine.dialect)
        self.changed = True

    def _learn_new_ids(self, nobody: str) -> None:
        """Take over the new ids of a detached visit, which lead to none of before."""
        mine = [row for row in self.rows if row["visitor_id"] == nobody]
        found = [row for row in StoredState(self.engine).rows() if row["visitor_id"] == nobody]
        old = {row[name] for row in self.rows for name in ("event_id", "visit_id")}
        assert len(mine) == len(found)
        for row, new in zip(sorted(mine, key=_but_ids), sorted(found, key=_but_ids), strict=True):
            ids = {name: new[name] for name in ("event_id", "visit_id")}
            assert not old & {*ids.values()}
            row.update(ids)

    # What is deleted.

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def a_visitor_is_erased(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(self.rows))
        self._delete(
            row["site_id"],
            lambda key: of_visitor(row["site_id"], key["visitor"]),
            lambda one: one["visitor_id"] == row["visitor_id"],
            row,
        )

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def some_visitors_of_a_site_are_erased_at_once(self, data: st.DataObject) -> None:
        site = data.draw(st.sampled_from(self.rows))["site_id"]
        ids = {row["visitor_id"] for row in self.rows if row["site_id"] == site}
        gone = data.draw(st.sets(st.sampled_from(sorted(ids)), min_size=1))
        state = StoredState(self.engine)
        of_site = [row for row in state.tables["visitors"] if row["site"] == site]
        keys = [
            row["visitor"] for row in of_site if state.id(row["visitor_id"], "visitor_id") in gone
        ]
        self._delete(site, lambda _: of_visitors(site, keys), lambda one: one["visitor_id"] in gone)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def a_visit_is_erased(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(self.rows))
        self._delete(
            row["site_id"],
            lambda key: of_visit(row["site_id"], key["visitor"], key["visit"]),
            lambda one: (
                (one["visitor_id"], one["visit_id"]) == (row["visitor_id"], row["visit_id"])
            ),
            row,
        )

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), hours=st.sampled_from((0, 1, 24)), length=st.sampled_from((None, 0, 25)))
    def events_of_a_time_are_deleted(
        self, data: st.DataObject, hours: int, length: int | None
    ) -> None:
        row = data.draw(st.sampled_from(self.rows))
        site, start = row["site_id"], row["time"] + timedelta(hours=hours)
        if length is None:
            self._delete(
                site, lambda _: of_before(site, _ms(start)), lambda one: one["time"] < start
            )
            return
        end = start + timedelta(hours=length, milliseconds=1)
        self._delete(
            site,
            lambda key: of_span(site, key["visitor"], _ms(start), _ms(end)),
            lambda one: one["visitor_id"] == row["visitor_id"] and start <= one["time"] < end,
            row,
        )

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), version=st.integers(1, 3))
    def events_of_a_version_are_deleted(self, data: st.DataObject, version: int) -> None:
        row = data.draw(st.sampled_from(self.rows))
        site, time = row["site_id"], row["time"] + timedelta(hours=1)

        def goes(one: Row) -> bool:
            return bool(one["policy_version"] == version and one["time"] < time)

        with self.engine.reading() as reader:
            source = Source(reader, self.engine.dialect)
            removal = of_version(source, site, version, _ms(time))
        self._delete(site, lambda _: removal, goes)

    @rule(site=st.sampled_from(SIDES))
    def a_site_is_deleted(self, site: int) -> None:
        with self.engine.reading() as reader:
            deletion = deleting.delete_site(Source(reader, self.engine.dialect), site)
        self._carry_out(deletion, lambda one: one["site_id"] == site)

    def _delete(
        self,
        site: int,
        removal: Callable[[Row], Removal],
        goes: Callable[[Row], bool],
        row: Row | None = None,
    ) -> None:
        key = self._keys(row) if row else {}
        with self.engine.reading() as reader:
            source = Source(reader, self.engine.dialect)
            deletion = deleting.delete(source, removal(key))
        self._carry_out(deletion, lambda one: one["site_id"] == site and goes(one))

    def _keys(self, row: Row) -> Row:
        state = StoredState(self.engine)
        names = {v["visitor"]: v["visitor_id"] for v in state.tables["visitors"]}
        visits = state.visit_ids()
        return next(
            event
            for event in state.tables["events"]
            if event["site"] == row["site_id"]
            and state.id(names[event["visitor"]], "visitor_id") == row["visitor_id"]
            and state.id(visits[event["visit"]], "visit_id") == row["visit_id"]
        )

    def _carry_out(self, deletion: deleting.Deletion, goes: Callable[[Row], bool]) -> None:
        gone = [row for row in self.rows if goes(row)]
        assert deletion.events == len(gone)
        self.number += 1
        self.changed = True
        self.engine.commit(deletion.operations, f"delete {self.number}")
        self.appender.forget()
        self.rows = [row for row in self.rows if not goes(row)]

    # What holds.

    @invariant()
    def everything_is_exact(self) -> None:
        if not self.changed:
            return
        self.changed = False
        type(self).compared[bool(self.rows)] += 1
        state = StoredState(self.engine)
        assert _sorted(state.rows()) == _sorted(self.rows)
        assert state.unused() == []
        counts, gaps = {}, {}
        for site, closed in state.closed.items():
            until = closed["closed_until"]
            expected = expected_sums(self.rows, site, closed["zone"], until)
            counts |= expected[0]
            gaps |= expected[1]
        assert state.sums("counts") == counts
        assert state.sums("gaps") == gaps
        visits = expected_visits(self.rows, SIDES)
        closed_visits = stored_visits(state)
        assert closed_visits == {key: visits[key] for key in closed_visits}
        self._open_visits_are_open(state)

    def _open_visits_are_open(self, state: StoredState) -> None:
        first: dict[int, int] = {}
        for event in state.tables["events"]:
            first[event["visit"]] = min(event["time"], first.get(event["visit"], event["time"]))
        open_visits = {row["visit"]: row["site"] for row in state.tables["open_visits"]}
        closed_visits = {row["visit"] for row in state.tables["visits"]}
        assert {*open_visits, *closed_visits} == set(first)
        assert not closed_visits & set(open_visits)
        for visit, site in open_visits.items():
            if site in state.closed:
                closed = state.closed[site]
                assert local_day(first[visit], closed["zone"]) >= closed["closed_until"]


def _correct(row: Row, what: str, to: str, page: str, nobody: str) -> None:
    """Correct an event of the model, as docs/consent.md says it."""
    if what == "country":
        row["country"] = to if row["country"] else ""
    elif what == "device":
        row["browser"] = ""
    elif what == "source":
        row["source"] = row["referrer"] = row["referrer_host"] = ""
    elif what == "visit":
        row |= {"visitor_id": nobody, "consent_id": "0" * 32}
    elif row["path"] == page:
        row["path"] = HIDDEN
        row["link_url"] = HIDDEN if row["link_url"] else ""
    elif row["link_url"] and row["link_url"] == page:
        row["link_url"] = HIDDEN


def _but_ids(row: Row) -> str:
    """Return all that an event says but its ids, and whether it opened its visit."""
    time = row["time"] if isinstance(row["time"], int) else _ms(row["time"])
    opens = row["event_id"] == row["visit_id"]
    return repr(sorted({**row, "time": time, "event_id": opens, "visit_id": ""}.items()))


def _ms(time: datetime) -> int:
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)


def _sorted(rows: list[Row]) -> list[Any]:
    plain = [
        {**row, "time": row["time"] if isinstance(row["time"], int) else _ms(row["time"])}
        for row in rows
    ]
    return [sorted(row.items()) for row in sorted(plain, key=lambda one: one["event_id"])]


@pytest.mark.parametrize("at_once", [500_000, 4], ids=["whole", "sliced"])
def test_any_sequence_of_changes_leaves_summaries_visits_and_dictionaries_exact(
    at_once: int,
    open_engine: Callable[[], AbstractContextManager[Engine]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "AT_ONCE", at_once)
    monkeypatch.setattr(folding, "AT_ONCE", at_once)
    monkeypatch.setattr(moving, "AT_ONCE", at_once)
    monkeypatch.setattr(deleting, "SUBTRACTED_AT_MOST", 3 * at_once)
    with open_engine() as engine:
        dialect = engine.dialect
    if dialect == "clickhouse" and at_once == 4 and not IS_LONG:
        pytest.skip("it takes most of a minute: scripts/test --faults tries it")
    machine = type(
        "Changes", (Changes,), {"open_engine": staticmethod(open_engine), "compared": Counter()}
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[dialect],
            stateful_step_count=STEPS[dialect],
            deadline=None,
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.compared[True] > 0
