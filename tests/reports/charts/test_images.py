"""Charts as files: the definition shows what the page's chart shows, and is drawn outside."""

import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from askfirst.errors import Unavailable
from reports.charts import images
from reports.charts.line_chart import Chart, chart_of
from reports.charts.vega.over_time import over_time
from reports.figures.figures import Step, cut_steps
from reports.url.steps import Bucket

FIRST = datetime.fromisoformat("2026-11-23")  # a Monday


def chart(*values: int | None) -> Chart:
    """Draw days up to noon of the last one that has a value, each compared with 5."""
    days = [FIRST + timedelta(days=nth) for nth in range(len(values))]
    steps = [Step(Bucket(day, day), n, 5) for day, n in zip(days, values, strict=True)]
    last = max(nth for nth, value in enumerate(values) if value is not None)
    present = days[last] + timedelta(hours=12)
    cut = cut_steps(steps, "day", (days[0].date(), days[-1].date()), present)
    return chart_of("Visitors", cut, "day", present.date())


def lines(spec: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Return the kind of each layer that has values, and these values in order."""
    found = []
    for layer in spec["layer"]:
        mark = layer["mark"]
        kind = mark["type"] + (" dashed" if "strokeDash" in mark else "")
        found.append((kind, [one.get("value") for one in layer["data"]["values"]]))
    return found


def test_what_is_whole_is_drawn_whole_what_is_not_is_dashed_and_gaps_stay() -> None:
    spec = over_time(chart(4, 8, None, 6, 2, 1), "period before", "example.org")
    drawn = lines(spec)

    assert ("line", [5, 5, 5, 5, 5, 5]) in drawn
    assert ("area", [4, 8, 6, 2]) in drawn
    assert ("line", [4, 8, 6, 2]) in drawn
    assert ("line dashed", [2, 1]) in drawn
    pieces = {one["nth"]: one["piece"] for one in spec["layer"][2]["data"]["values"]}
    assert pieces[0] == pieces[1] != pieces[3] == pieces[4]
    assert spec["title"]["subtitle"] == [
        "example.org",
        "Dashed: today so far. Grey: period before.",
    ]
    assert spec["description"] == (
        "Visitors a day, Mon 23 Nov to Sat 28 Nov, so far: lowest 2, highest 8 (Tue 24 Nov)."
    )


async def test_the_chart_is_a_png_of_twice_its_size() -> None:
    found = await images.over_time_png(chart(4, 8, 6, 1), "period before", width=300, height=100)
    width, height = struct.unpack(">II", found[16:24])

    assert found.startswith(b"\x89PNG\r\n")
    assert width > 600
    assert 200 < height < 500


async def test_who_comes_when_too_many_wait_or_nothing_can_be_drawn_is_told_to_come_again(
    monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(images, "_CONVERT", tmp_path / "gone.py")
    with pytest.raises(Unavailable, match="cannot be drawn"):
        await images.image({}, "png")
    monkeypatch.setattr(images, "_waiting", images.MOST_WAITING)
    with pytest.raises(Unavailable, match="Too many charts"):
        await images.image({}, "png")
