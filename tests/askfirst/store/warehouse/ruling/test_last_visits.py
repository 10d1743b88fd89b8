"""The visits that go on are told from what is stored, by which recording rule they stand apart."""

from datetime import timedelta

from askfirst.columns import EVENT_COLUMNS
from askfirst.rules.applying import BY_OTHER, BY_PATH, BY_VISITOR, RESTRICTED
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import MINUTE, hex_of, id_of, naive
from tests.askfirst.store.warehouse.test_sides import DAY, NOON, row


def test_a_visit_that_is_left_out_in_part_is_told_whole_and_one_by_recording_apart(engine):
    """What is left out by a rule for the reports, or restricted, belongs to the visit."""
    given = [
        (row(0, "by a rule"), 0),
        (row(1, "by a rule", visit=0, site=-1), BY_PATH),
        (row(2, "restricted", site=-1), RESTRICTED),
        (row(3, "both", site=-1), RESTRICTED + BY_VISITOR),
        (row(4, "a program", "agent:X", site=-1), 0),
        (row(5, "a restricted program", "agent:X", site=-1), RESTRICTED + BY_OTHER),
        (row(6, "by a rule", "prefetch", site=-1), 0),
        (row(7, "long ago", day=-5), 0),
    ]
    warehouse = Warehouse(engine)
    rows = [one | {"excluded": excluded} for one, excluded in given]
    columns = {name: [one[name] for one in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    said = {visit: (side, *map(minute_of, times)) for side, _, visit, *times in told(warehouse)}
    assert said == {
        id_of(0): (1, 0, 1),  # begun before, where it is not left out
        id_of(2): (1, 2, 2),
        id_of(3): (1, 3, 3),
        id_of(4): (-1, 4, 4),
        id_of(5): (-1, 5, 5),
        id_of(6): (-1, 6, 6),
    }


def test_a_visit_is_told_by_its_name_where_the_event_that_opened_it_was_later(engine):
    """An event came late, of the visit that a later one had opened; the visit's day is closed."""
    warehouse = Warehouse(engine)
    rows = [row(0, "a"), row(30, "b"), row(2, "b", visit=30), row(60, "c"), row(2, "d", day=3)]
    columns = {name: [one[name] for one in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    close_days(warehouse, 1, "UTC", DAY + 2)
    end = naive(NOON + 10 * MINUTE)
    found = warehouse.last_visits(naive(NOON + MINUTE), end)
    assert [(visit, *map(minute_of, times)) for _, _, visit, *times in found] == [(id_of(30), 2, 2)]


def told(warehouse):
    return warehouse.last_visits(naive(NOON + MINUTE))


def minute_of(time):
    """Return the minute of a time after noon."""
    return (time - naive(NOON)) // timedelta(minutes=1)


def test_the_last_visits_are_none_that_was_erased(engine):
    warehouse = Warehouse(engine)
    rows = [row(0, "a"), row(1, "a", visit=0, site=-1), row(40, "a"), row(41, "b", site=-1)]
    rows = [one | {"excluded": int(one["site_id"] < 0)} for one in rows]
    columns = {name: [one[name] for one in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    warehouse.delete_visit(1, hex_of("a"), id_of(40))
    warehouse.delete_visitor(1, hex_of("b"))
    assert [(one, visit) for one, _, visit, *_ in told(warehouse)] == [(1, id_of(0))]
    warehouse.delete_visit(1, hex_of("a"), id_of(0))
    assert told(warehouse) == []
