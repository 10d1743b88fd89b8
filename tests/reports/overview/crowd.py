"""A crowd of visitors, and how to count it by hand."""

import random
from datetime import timedelta

from tests.reports.garden import ANNA, Garden, utc

DAYS = "?period=custom&from=2025-10-20&to=2025-11-02"  # 26 October has 25 hours in Berlin


START, END = utc("2025-10-19T22:00"), utc("2025-11-02T23:00")


BEFORE = utc("2025-10-05T22:00")


def a_crowd(garden: Garden) -> None:
    """Note some thousand events of four weeks, also at the edges of the days."""
    luck = random.Random(7)
    for number in range(260):
        visitor = f"{luck.randrange(90):032x}"
        traits = {
            "visitor_id": visitor,
            "consent_id": visitor,
            "visit_id": f"v{number}",
            "country": luck.choice(["DE", "US", "FR", ""]),
            "browser": luck.choice(["Firefox", "Chrome", ""]),
            "os": luck.choice(["Windows", "Android"]),
            "device": luck.choice(["desktop", "phone", ""]),
            "language": luck.choice(["de", "en-GB", ""]),
        }
        time = BEFORE + timedelta(seconds=luck.randrange(28 * 86_400 + 3600))
        referrer = luck.choice(["", "", "search.example", "news.example"])
        for place in range(luck.choice([1, 1, 2, 5])):
            garden.event(
                time,
                path=luck.choice(["/", "/a", "/b", "/c/ü"]),
                referrer_host=referrer if place == 0 else "",
                **traits,
            )
            time += timedelta(seconds=luck.randrange(1, 900))
        if luck.random() < 0.3:
            kind = luck.choice(["outbound", "download", "internal"])
            url = luck.choice(["https://x.example/", "https://example.org/f.pdf"])
            garden.event(time, kind="link_click", link_url=url, link_kind=kind, **traits)
    for edge in (START, START - timedelta(milliseconds=1), END, END - timedelta(milliseconds=1)):
        garden.event(edge, visitor_id=ANNA, visit_id=f"edge{edge}", path="/edge")
        for minutes in (-2, 2, 3):  # a visit over the edge belongs to where it began
            moment = edge.replace(microsecond=0) + timedelta(minutes=minutes)
            garden.event(moment, visitor_id=ANNA, visit_id=f"over{edge}", path=f"/over{minutes}")
