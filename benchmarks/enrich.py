"""How many events are enriched a second, on one core: the page views of a real access log.

    python -m benchmarks.enrich [--seconds 2.0] [--quick]

First with user agents that have been seen, as nearly all have; then with a thousand user agents of
which none has, so that each is read: bot, browser, system, device. Rates are by processor time.
"""

import argparse
import re
import time
from typing import Any

import msgspec

from askfirst.events import JournalEntry
from benchmarks.load.access_log import read_log
from benchmarks.load.generated_events import journal_entry
from benchmarks.load.timing import Timing, timed
from benchmarks.program import run
from benchmarks.table import Figure, Goal
from collector.enrichment.agents.reading import read_agent
from collector.enrichment.enrich import Enricher, client_of

QUICK = {"seconds": 0.2}
DISTINCT = 1000
SEEN_GOAL, NEW_GOAL = 100_000, 15_000
"""Rows a second."""
AGENT_GOAL = 40
"""Microseconds."""


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Count the events that are enriched a second.")
    asked.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    return asked


def measure(seconds: float) -> dict[str, Any]:
    """Enrich the log's page views, and as many as there are distinct user agents."""
    seen = entries()
    agents = distinct_agents([entry.user_agent for entry in seen], DISTINCT)
    new = [
        msgspec.structs.replace(entry, user_agent=agent)
        for entry, agent in zip(seen, agents, strict=False)
    ]
    return {
        "seen": _enriching(seen, seconds, forget=False),
        "new": _enriching(new, seconds, forget=True),
        "agent": timed(lambda: [read_agent(agent) for agent in agents], seconds, len(agents)),
        "events": len(seen),
        "distinct": len(set(agents)),
    }


def entries() -> list[JournalEntry]:
    """Return the log's page views as they would wait in the journal."""
    now = round(time.time() * 1000)
    views = read_log()[["target", "referrer", "user_agent"]].to_dict("records")
    return [
        msgspec.structs.replace(
            journal_entry(number, now),
            url=f"https://example.org{view['target']}",
            referrer="" if view["referrer"] == "-" else view["referrer"],
            user_agent=view["user_agent"],
        )
        for number, view in enumerate(views)
    ]


def distinct_agents(seen: list[str], number: int) -> list[str]:
    """Return so many user agents of the log; where it has fewer, again with other versions."""
    own = list(dict.fromkeys(seen))
    made = (_newer(agent, by) for by in range(99) for agent in own)
    return list(dict.fromkeys(made))[:number]


def _newer(agent: str, by: int) -> str:
    return re.sub(r"\d+(?=\.\d)", lambda found: str(int(found[0]) % 999 + by), agent)


def _enriching(rows: list[JournalEntry], seconds: float, *, forget: bool) -> Timing:
    """Time batches, an event; with `forget` no user agent has been seen."""
    enricher = Enricher(lambda _: None)
    visits = [f"{number % 500:032x}" for number in range(len(rows))]

    def batch() -> None:
        if forget:
            client_of.cache_clear()
        enricher.batch(rows, visits)

    return timed(batch, seconds, len(rows))


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    return [
        Figure(
            f"events a second, user agents seen ({found['events']} of a log)",
            round(1e6 / found["seen"]["cpu_micros"]),
            goals=(Goal("≥", SEEN_GOAL),),
        ),
        Figure(
            f"events a second, each with a new user agent ({found['distinct']})",
            round(1e6 / found["new"]["cpu_micros"]),
            goals=(Goal("≥", NEW_GOAL),),
        ),
        Figure(
            "reading a new user agent",
            found["agent"]["cpu_micros"],
            "µs",
            goals=(Goal("≤", AGENT_GOAL),),
        ),
    ]


if __name__ == "__main__":
    run("enrich")
