"""The questions of a page over a large warehouse, beside SQL by hand and beside raw rows.

    python -m benchmarks.reports [--events N] [--engine both|duckdb|clickhouse] [--resume] [--quick]

Without `--events` a million and ten million of them, with 500 and with 100,000 paths. The events
are generated in the stored tables, folded by the product, and kept in the folder of `--cache` for a
day. Measured are the six questions of a page asked at once, of 30 and 90 days with today among them
and with filters, in turn with SQL by hand over the same file and with plain SQL over raw rows,
narrow (`narrow_beside` has the goals as ratios to it); a funnel of five steps, cohorts and a flow;
every list, card and operator of filters alone, beside SQL by hand of visitors and views where
events have the column of a list; the whole page over HTTP, also the first after a start; folding,
appending beside questions, and erasing beside questions. ClickHouse, the real engine within the
process (chdb), answers the questions over the first of these warehouses alone, unless it is named.
Writes benchmarks/results/reports.json.
What is measured of a size is kept in the folder of `--cache`: `--resume` goes on after what a run
that was cut short has measured.
"""

import argparse
import asyncio
import json
import multiprocessing
import secrets
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from askfirst.settings import Settings
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.overview import add_owned_site, page_times
from benchmarks.program import run
from benchmarks.table import Figure, Goal
from benchmarks.warehouse.case import Case, measured
from benchmarks.warehouse.changing import fold_all
from benchmarks.warehouse.in_turn import AGAIN
from benchmarks.warehouse.narrow_beside import goal_ms, goal_ratio
from server.services import open_services

QUICK = {"events": 50_000, "seconds": 2, "again": 1}
SIZES = (1_000_000, 10_000_000)
PATHS = (500, 100_000)
_OVERHEAD = {"duckdb": 1.3, "clickhouse": 1.5}
_GOALS_BYTES = {1_000_000: 50, 10_000_000: 40}
_GOALS_ERASING_S = {1_000_000: 3, 10_000_000: 10}


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Time the questions of a page.")
    asked.add_argument("--events", type=int, help="one size alone; else 1 and 10 million")
    asked.add_argument("--engine", choices=("both", *_OVERHEAD), default="both")
    asked.add_argument("--seconds", type=float, default=10, help="of appending")
    cache = Path(tempfile.gettempdir()) / "askfirst-bench"
    asked.add_argument("--cache", type=Path, default=cache, help="where events are kept")
    asked.add_argument("--again", type=int, default=AGAIN, help="times that a list is asked for")
    asked.add_argument("--resume", action="store_true", help="keep sizes measured before")
    return asked


def measure(
    events: int | None, engine: str, seconds: float, cache: Path, again: int, *, resume: bool
) -> dict[str, Any]:
    """Measure each size with few and with many paths; the changes and HTTP with few alone."""
    sizes = (events,) if events else SIZES
    cases = []
    for one in _OVERHEAD if engine == "both" else (engine,):
        beside = engine == "both" and one == "clickhouse"
        for size in sizes[:1] if beside else sizes:
            for paths in PATHS[:1] if beside else PATHS:
                few = paths == PATHS[0]
                case = Case(size, paths, one, cache, seconds, few and not beside, again)
                cases.append(_kept(case, resume=resume))
    return {"engine": engine, "cases": cases}


def _kept(case: Case, *, resume: bool) -> dict[str, Any]:
    """Measure a case and keep what was found; or return what is kept of it."""
    kept = case.cache / f"reports-{case.engine}-{case.events}-{case.paths}.json"
    if resume and kept.exists():
        before: dict[str, Any] = json.loads(kept.read_text())
        return before
    found = {"size": case.events, **_in_own_process(case)}
    if case.paths == PATHS[0] and case.engine == "duckdb":
        found["http"] = over_http(case.cache, case.events, case.paths)
    kept.write_text(json.dumps(found))
    return found


def _in_own_process(case: Case) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measured, case).result()


def over_http(cache: Path, events: int, paths: int) -> dict[str, float]:
    """Time the overview of a server whose warehouse is a folded copy of the generated one."""
    with tempfile.TemporaryDirectory(dir=cache) as name:
        folder, password = Path(name) / "data", secrets.token_urlsafe()
        key = asyncio.run(_prepared(folder, password))
        path = folder / "warehouse.duckdb"
        path.unlink()
        shutil.copyfile(large_warehouse(cache, events, paths, kept_days=1), path)
        warehouse = Warehouse(path)
        fold_all(warehouse, time.time_ns() // 1_000_000)
        warehouse.rewrite()
        warehouse.close()
        return page_times(folder, key, password)


async def _prepared(folder: Path, password: str) -> str:
    async with open_services(Settings(data_folder=folder)) as services:
        return (await add_owned_site(services, password)).key


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    return [one for case in found["cases"] for one in _figures(case)]


def _figures(case: dict[str, Any]) -> list[Figure]:
    size = case["size"]
    of = f"{case['engine']}, {case['events']:,} events, {case['paths']:,} paths"
    lines = [
        line
        for days, questions in case["questions"].items()
        for name in questions
        for line in _questions(of, case, days, name)
    ]
    lines += [
        Figure(f"  {name}, {days} days", one["ms"], "ms", goals=_at_most(_longest_ms(name, days)))
        for days, questions in case.get("longer", {}).items()
        for name, one in questions.items()
    ]
    lines += [
        _breakdown(f"  {name}, {days} days", one)
        for days, questions in case.get("breakdowns", {}).items()
        for name, one in questions.items()
    ]
    lines.append(
        Figure(
            "  bytes an event, after a rewrite",
            case["bytes_an_event"],
            goals=_at_most(_GOALS_BYTES.get(size)),
        )
    )
    folded = case["folding"]
    lines.append(Figure("  folding a day", folded["last_day_s"], "s"))
    lines.append(Figure("  folding all days anew", folded["all_days_s"], "s"))
    lines.append(
        Figure(
            "  memory after asking", case["rss_mib_after_asking"], "MiB", goals=(Goal("≤", 400),)
        )
    )
    return [*lines, *_changes(case, size), *_http(case)]


def _breakdown(name: str, one: dict[str, Any]) -> Figure:
    if "by_hand_ms" not in one:
        return Figure(name, one["ms"], "ms", note=one.get("fault", ""))
    differ = "" if one["same_answers"] else "THE ANSWERS DIFFER"
    return Figure(name, one["ms"], "ms", one["by_hand_ms"], "two figures by hand", note=differ)


def _longest_ms(name: str, days: str) -> float | None:
    """Return the goal of a longer question, which is that of ten million events and 90 days."""
    return None if name.startswith("list") or days != "90" else 1500


def _at_most(limit: float | None) -> tuple[Goal, ...]:
    return () if limit is None else (Goal("≤", limit),)


def _questions(of: str, case: dict[str, Any], days: str, kind: str) -> list[Figure]:
    """Return a page's line, beside SQL by hand where there is any, and that beside raw rows."""
    one = case["questions"][days][kind]
    wanted = _at_most(goal_ms(case["size"], kind, int(days)))
    name = f"{of}: six questions of {days} days, {kind}"
    if "by_hand" not in one:
        first = Figure(name, one["ms"], "ms", goals=wanted)
    else:
        overhead = Goal("≤", _OVERHEAD[case["engine"]], of_ratio=True)
        first = _beside(name, one, "by_hand", "SQL by hand", (*wanted, overhead))
    if "raw_rows" not in one:
        return [first]
    ratio = goal_ratio(case["size"], case["paths"], kind, int(days))
    goals = () if ratio is None else (Goal("≤", ratio, of_ratio=True),)
    return [first, _beside("  the same", one, "raw_rows", "raw rows, narrow", goals)]


def _beside(
    name: str, one: dict[str, Any], other: str, said: str, goals: tuple[Goal, ...]
) -> Figure:
    differ = "" if one[other]["same_answers"] else "THE ANSWERS DIFFER"
    ratio = one[other]["ratio"]
    return Figure(name, one["ms"], "ms", one[other]["ms"], said, ratio, goals, differ)


def _changes(case: dict[str, Any], size: int) -> list[Figure]:
    if "erasing" not in case:
        return []
    appended = case["appending"]
    goal = _at_most(_GOALS_ERASING_S.get(size))
    return [
        *_erased("  erasing a visitor, a page a second", case["erasing"], goal),
        *_erased("  the same, page after page", case["erasing_beside_page_after_page"], ()),
        Figure("  events appended a second", appended["events_a_second"], goals=(Goal("≥", 5000),)),
        Figure("  slowest page meanwhile", appended["slowest_page_ms"], "ms"),
    ]


def _erased(name: str, found: dict[str, Any], goals: tuple[Goal, ...]) -> list[Figure]:
    note = f"rewrite {found['rewrite_s']} s"
    return [
        Figure(name, found["all_s"], "s", goals=goals, note=note),
        Figure("  slowest page meanwhile", found["slowest_page_ms"], "ms"),
    ]


def _http(case: dict[str, Any]) -> list[Figure]:
    if "http" not in case:
        return []
    found = case["http"]
    plain = found["page_without_questions_ms"]
    lines = {
        "  overview of 30 days, first after the start": ("cold", "30", _at_most(600)),
        "  overview of 30 days, again": ("warm", "30", ()),
        "  overview of 90 days, again": ("warm", "90", ()),
    }
    pages = [
        Figure(name, found[f"overview_{days}_days_{how}_ms"], "ms", plain, "page", goals=goals)
        for name, (how, days, goals) in lines.items()
    ]
    memory = Figure("  memory of the server", found["server_rss_mib"], "MiB", goals=_at_most(400))
    return [*pages, memory]


if __name__ == "__main__":
    run("reports")
