"""The registry: the same figures as the pages, sorted and cut as asked, with few rows in memory."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.requests import Request

from askfirst.errors import Malformed
from reports.tables import lists, spool
from reports.tables.asking import read_cut, rows_of, view_of
from reports.tables.registry import REPORTS, report_of
from reports.tables.spool import Rows
from reports.tables.table import Field
from tests.reports.garden import ANNA, BERT, Garden, every

FIELDS = (Field("name", "Name", "", "text"), Field("views", "Views", "", source="amount"))


def request(garden: Garden, query: str) -> Request:
    scope = {"type": "http", "query_string": query.encode(), "path_params": {}}
    return Request({**scope, "path_params": {"key": garden.site.key}})


async def answer(garden: Garden, name: str, query: str, **cut: str) -> list[dict[str, Any]]:
    garden.store()
    report = report_of(name)
    view = await view_of(garden.deps, report, request(garden, query))
    rows = await rows_of(garden.deps, report, view, read_cut(report, cut, None, 1000))
    try:
        return rows.listed()
    finally:
        rows.close()


async def test_totals_and_steps_add_up_and_a_repeated_hour_is_two_steps(garden: Garden) -> None:
    for moment in every("2025-10-25T22:30", timedelta(hours=1), 5):
        garden.event(moment, visitor_id=ANNA, visit_id=f"{ANNA}-{moment.hour}")
    days = "period=custom&from=2025-10-26&to=2025-10-26"
    [totals] = await answer(garden, "totals", days)
    hours = await answer(garden, "over-time", f"{days}&by=hour")

    assert (totals["visitors"], totals["visits"], totals["views"]) == (1, 5, 5)
    assert totals["bounce_rate"] == 1
    assert len(hours) == 25
    assert [row["begins"] for row in hours if row["views"]] == [
        "2025-10-26T00:00:00+02:00",
        "2025-10-26T01:00:00+02:00",
        "2025-10-26T02:00:00+02:00",
        "2025-10-26T02:00:00+01:00",
        "2025-10-26T03:00:00+01:00",
    ]


async def test_steps_that_have_not_begun_are_left_out(garden: Garden) -> None:
    garden.event("2026-01-01T11:00")
    rows = await answer(garden, "over-time", "period=month&by=day")
    assert [row["begins"] for row in rows] == ["2026-01-01T00:00:00+01:00"]
    [totals] = await answer(garden, "totals", "period=yesterday")
    assert {name: value for name, value in totals.items() if value is not None} == {
        "visitors": 0,
        "visits": 0,
        "views": 0,
    }


async def test_totals_are_compared_where_that_is_asked_for(garden: Garden) -> None:
    garden.event("2025-12-31T08:00")
    garden.event("2026-01-01T11:00", visitor_id=BERT)
    garden.event("2026-01-01T11:01", visitor_id=BERT)
    [alone] = await answer(garden, "totals", "period=today")
    [beside] = await answer(garden, "totals", "period=today&against=before")
    custom = "against=custom&against_from=2025-12-01&against_to=2025-12-30"
    [nobody] = await answer(garden, "totals", f"period=today&{custom}")

    assert (alone["views"], "views_before" in alone) == (2, False)
    assert (beside["views"], beside["views_before"], beside["visitors_before"]) == (2, 1, 1)
    assert (nobody["views"], nobody["views_before"], nobody["bounce_rate_before"]) == (2, 0, None)


async def test_a_list_is_compared_where_that_is_asked_for_and_keeps_its_order(
    garden: Garden,
) -> None:
    garden.event("2025-12-31T08:00", path="/a")
    garden.event("2025-12-31T08:01", path="/gone")
    for path, visitor in (("/a", ANNA), ("/new", ANNA), ("/new", BERT), ("/b", ANNA)):
        garden.event("2026-01-01T11:00", path=path, visitor_id=visitor)

    async def pairs(query: str, **cut: str) -> list[tuple[Any, ...]]:
        rows = await answer(garden, "pages", f"period=today{query}", **cut)
        return [(row["name"], row["views"], row.get("views_before", "-")) for row in rows]

    named = [("/new", 2, 0), ("/a", 1, 1), ("/b", 1, 0)]
    assert await pairs("&against=before") == named
    assert await pairs("&against=before", limit="1", offset="1") == [named[1]]
    assert await pairs("&against=before", sort="-name") == [named[0], named[2], named[1]]
    filtered = await pairs("&against=before&where=path,is,/b")
    assert filtered == [("/a", 1, 1), ("/b", 1, 0), ("/new", 1, 0)]
    custom = "&against=custom&against_from=2025-11-01&against_to=2025-11-02"
    assert await pairs(custom) == [(name, views, 0) for name, views, _ in named]
    for without in ("", "&against=none"):
        assert await pairs(without) == [(name, views, "-") for name, views, _ in named]


async def test_steps_of_time_have_the_compared_steps_beside_them(garden: Garden) -> None:
    garden.event("2025-12-31T08:00", visitor_id=BERT)
    garden.event("2026-01-01T11:00")
    garden.event("2026-01-01T11:01")
    by_hour = "period=today&by=hour&against=before"
    rows = await answer(garden, "over-time", by_hour)
    filled = [row for row in rows if row["views"] or row["views_before"]]
    days = "period=custom&from=2025-12-30&to=2026-01-01&against=year"
    [year, *_] = await answer(garden, "over-time", days)
    [alone, *_] = await answer(garden, "over-time", "period=7d")

    assert [(row["begins"], row["views"]) for row in filled] == [
        ("2026-01-01T09:00:00+01:00", 0),
        ("2026-01-01T12:00:00+01:00", 2),
    ]
    assert [(row["begins_before"], row["views_before"]) for row in filled] == [
        ("2025-12-31T09:00:00+01:00", 1),
        ("2025-12-31T12:00:00+01:00", 0),
    ]
    assert year["begins_before"] == "2024-12-31T00:00:00+01:00"
    assert not [name for name in alone if name.endswith("_before")]


async def test_a_list_is_searched_by_the_words_of_its_page(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", path="/caf%C3%A9", country="DE")
    garden.event("2026-01-01T11:00", path="/(a)", country="AT", visitor_id=BERT)

    async def names(name: str, query: str) -> list[str]:
        return [row["name"] for row in await answer(garden, name, f"period=7d&q={query}")]

    assert await names("countries", "germ") == ["DE"]
    assert await names("pages", "Caf%C3%A9") == ["/caf%C3%A9"]
    assert await names("pages", "(") == ["/(a)"]
    assert await names("pages", "nowhere") == []
    with pytest.raises(Malformed, match="at most 200"):
        await names("pages", "x" * 201)


async def test_a_list_is_sorted_by_any_field_and_cut_after_that(garden: Garden) -> None:
    for path, times in (("/a", 3), ("/b", 1), ("/c", 2), ("/d", 1)):
        for _ in range(times):
            garden.event("2026-01-01T11:00", path=path, visitor_id=ANNA)
    garden.event("2026-01-01T11:00", path="/b", visitor_id=BERT)

    async def names(**cut: str) -> str:
        rows = await answer(garden, "pages", "period=7d", **cut)
        return "".join(row["name"].strip("/") for row in rows)

    assert await names() == "abcd"
    assert await names(limit="2", offset="1") == "bc"
    assert await names(sort="views") == "dbca"
    assert await names(sort="-visitors") == "bacd"
    assert await names(sort="name", limit="2", offset="1") == "bc"
    assert await names(sort="-name", offset="3") == "a"
    assert await names(offset="9") == ""


async def test_a_filter_restricts_a_report_and_counts_of_everybody_refuse_it(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00", visitor_id=ANNA, country="DE")
    garden.event("2026-01-01T11:00", visitor_id=BERT, country="AT")
    [row] = await answer(garden, "countries", "period=7d&where=country,is,DE", sort="-name")
    assert (row["name"], row["visitors"], row["visits"], row["views"]) == ("DE", 1, 1, 1)
    assert (row["bounce_rate"], row["engaged"]) == (1, 0)
    with pytest.raises(Malformed, match="takes no conditions"):
        await answer(garden, "choices", "where=country,is,DE")


async def test_small_counts_of_a_page_are_null(garden: Garden) -> None:
    garden.deps.counts._smallest = 1
    rows = await answer(garden, "choices-by-page", "period=7d")
    assert rows == []
    garden.deps.tallies.add(garden.site.id, "no_consent", 3)
    [row] = await answer(garden, "not-recorded", "period=7d")
    assert (row["code"], row["times"]) == ("no_consent", 3)


@pytest.mark.parametrize(
    ("cut", "field"),
    [
        ({"sort": "rows"}, "sort"),
        ({"sort": "--views"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "1e3"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "9" * 30}, "offset"),
        ({"limit": "²"}, "limit"),
    ],
)
def test_what_is_no_part_of_a_table_is_named(cut: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_cut(report_of("pages"), cut, None, 1000)
    assert refused.value.field == field


def test_every_report_says_what_its_fields_mean() -> None:
    for name, report in REPORTS.items():
        assert report.name == name
        assert report.about.endswith(".")
        assert len({one.name for one in report.fields}) == len(report.fields)
        assert all(one.about.endswith(".") and one.title for one in report.fields)
        assert json.dumps(name).strip('"').replace("-", "").isalpha()


def test_rows_that_are_taken_again_are_there_once_and_go_to_a_file_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 100)
    batch = pa.RecordBatch.from_pydict(
        {"amount": pa.array([1, 2], pa.decimal128(38, 0)), "name": ["a", None]}
    )
    rows = Rows(FIELDS, tmp_path)
    rows.take([batch])
    rows.take([batch, batch])
    assert rows.count == 4
    assert rows.listed() == [{"name": "a", "views": 1}, {"name": None, "views": 2}] * 2
    assert list(tmp_path.iterdir()) == []
    rows.close()
    assert lists.EVERY > 10**12
