"""The lines of the table for the result of `collect`.

The goals in requests and milliseconds were set on a machine whose Starlette route did 19,000
requests a second at 0.052 ms; the same goals as ratios to the route hold on any machine.
"""

from typing import Any

from benchmarks.table import Figure, Goal, number

_ROUTE = 19_000
_ROUTE_MS = 0.052
_EVENTS = 60_000
_LIMITS = {"collecting": 0.065, "shipping": 0.03, "all": 0.095}
"""Milliseconds of processor time a page view; collecting is the event loops of
server and worker, with the commits."""


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    more = _more(found["more"]) if "more" in found else []
    answers = [*_ten(found), *_half(found["half"])]
    more += [figure for one in found["lasting"] for figure in _more(one)]
    return [*_one(found["one"]), *more, *answers, _kept(found), _workers(found)]


def _one(one: dict[str, Any]) -> list[Figure]:
    ours, route, bare = (one[name]["requests_a_second"] for name in ("askfirst", "route", "bare"))
    return [
        Figure(
            "page views a second",
            ours,
            baseline=route,
            beside="route",
            measured_ratio=one["ratio"],
            goals=(Goal("≥", 0.9, of_ratio=True),),
        ),
        Figure(
            "the same, beside the bare application",
            ours,
            baseline=bare,
            beside="bare",
            measured_ratio=one["ratio_to_bare"],
        ),
        *_answer_times(one, "page views at the highest rate", ()),
        *_processor(one),
    ]


def _more(more: dict[str, Any]) -> list[Figure]:
    """Return the line for other connections, or for a longer time, which have the same goal."""
    name = f"page views a second, {more['connections']} connections"
    if "seconds" in more:
        name += f", turns of {more['seconds']} s"
    ours, route = (more[which]["requests_a_second"] for which in ("askfirst", "route"))
    goal = (Goal("≥", 0.9, of_ratio=True),)
    return [Figure(name, ours, "", route, "route", measured_ratio=more["ratio"], goals=goal)]


def _processor(one: dict[str, Any]) -> list[Figure]:
    ours, route = (one[name]["cpu_ms_a_request"] for name in ("askfirst", "route"))
    beside = {"unit": "ms", "baseline": route["total"], "beside": "route"}
    collecting = ours["event_loop"] + ours["children"]
    goals = {name: _cpu_goals(limit) for name, limit in _LIMITS.items()}
    of = f"of it the worker {number(ours['children'])}"
    return [
        Figure("CPU a page view", ours["total"], **beside, goals=goals["all"]),
        Figure("  event loops", collecting, **beside, goals=goals["collecting"], note=of),
        Figure("  other threads", ours["other_threads"], **beside, goals=goals["shipping"]),
    ]


def _cpu_goals(milliseconds: float) -> tuple[Goal, ...]:
    ratio = Goal("≤", round(milliseconds / _ROUTE_MS, 2), of_ratio=True)
    return (Goal("≤", milliseconds), ratio)


def _ten(found: dict[str, Any]) -> list[Figure]:
    ten, route = found["ten"], found["one"]["route"]["requests_a_second"]
    return [
        Figure(
            "events a second, ten a request",
            ten["events_a_second"],
            baseline=route,
            beside="route, one a request",
            goals=(Goal("≥", _EVENTS), Goal("≥", round(_EVENTS / _ROUTE, 2), of_ratio=True)),
        ),
        Figure(
            "requests a second, ten events each",
            ten["askfirst"]["requests_a_second"],
            baseline=ten["route"]["requests_a_second"],
            beside="route",
            measured_ratio=ten["ratio"],
        ),
        Figure(
            "CPU an event, ten a request",
            ten["askfirst"]["cpu_ms_a_request"]["total"] / 10,
            "ms",
            baseline=ten["route"]["cpu_ms_a_request"]["total"] / 10,
            beside="route",
        ),
    ]


def _half(half: dict[str, Any]) -> list[Figure]:
    came = half["askfirst"]["requests_a_second"]
    return [
        Figure(
            "requests a second at half of the highest rate",
            came,
            baseline=half["wanted_a_second"],
            beside="wanted",
        ),
        *_answer_times(half, "half of the highest rate", (Goal("≤", 20),)),
    ]


def _answer_times(part: dict[str, Any], of: str, goals: tuple[Goal, ...]) -> list[Figure]:
    ours, route = part["askfirst"], part["route"]
    return [
        Figure(f"p50, {of}", ours["p50_ms"], "ms", route["p50_ms"], "route"),
        Figure(f"p99, {of}", ours["p99_ms"], "ms", route["p99_ms"], "route", goals=goals),
    ]


def _kept(found: dict[str, Any]) -> Figure:
    """Answers that wrk no longer waited for make more rows than it counted."""
    return Figure(
        "rows in the warehouse afterwards",
        found["rows_in_the_warehouse"],
        baseline=found["acknowledged"],
        beside="acknowledged",
        goals=(Goal("≥", 1, of_ratio=True),),
    )


def _workers(found: dict[str, Any]) -> Figure:
    workers, name = found["workers"], "two worker processes, page views a second"
    if "skipped" in workers:
        return Figure(name, None, note=f"skipped: {workers['skipped']}")
    return Figure(
        name,
        workers["two"]["requests_a_second"],
        baseline=workers["alone"]["requests_a_second"],
        beside="one process alone",
        measured_ratio=workers["ratio"],
        goals=(Goal("≥", 1.7, of_ratio=True),),
    )
