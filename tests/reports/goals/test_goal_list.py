"""The page with every row of one breakdown of a goal."""

from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.goals.club import WEEK, add_goal, read, some_visits


async def test_a_list_has_the_rows_that_its_card_has(garden: Garden) -> None:
    some_visits(garden)
    number = await add_goal(garden)
    card = await read(garden, f"/goals/{number}{WEEK}")
    page = await read(garden, f"/goals/{number}{WEEK}&show=pages")

    rows = page.tables["Joined: conversion by page"]
    assert rows == card.tables["Conversion by page"]
    assert len(rows) == 3


async def test_a_long_list_has_a_hundred_rows_a_page(garden: Garden) -> None:
    for number in range(101):
        path = f"/{number:03d}"
        garden.event("2026-01-01T10:00", visitor_id=ANNA, visit_id=ANNA, path=path)
    garden.store()
    number = await add_goal(garden)
    first = await read(garden, f"/goals/{number}{WEEK}&show=pages")
    second = await read(garden, f"/goals/{number}{WEEK}&show=pages&page=2")

    rows = [page.tables["Joined: conversion by page"] for page in (first, second)]
    assert [len(some) for some in rows] == [100, 1]
    assert {name for some in rows for name, *_ in some} == {f"/{n:03d}" for n in range(101)}
    assert "page=2" in first.links["More rows"]
    assert "Earlier rows" not in first.links
    assert "page=1" in second.links["Earlier rows"]
    assert "More rows" not in second.links


async def test_lists_that_no_summary_counts_have_conversion_as_well(garden: Garden) -> None:
    for number, (who, path) in enumerate(((ANNA, "/"), (BERT, "/"), (BERT, "/join"), (CLEO, "/x"))):
        where = {"city": "Bern"} if who == CLEO else {"city": "Basel", "utm_campaign": "spring"}
        garden.event(
            f"2026-01-01T10:0{number}",
            visitor_id=who,
            visit_id=who,
            path=path,
            **(where if path != "/join" else {"city": "Basel"}),
        )
    garden.store()
    goal = f"/goals/{await add_goal(garden)}{WEEK}&against=none"
    card = await read(garden, f"{goal}&sources=campaigns&people=cities")
    campaigns = await read(garden, f"{goal}&show=campaigns")
    sections = await read(garden, f"{goal}&show=sections")

    assert campaigns.tables["Joined: conversion by campaign"] == [
        ["spring", "2", "1", "50.0%"],
        ["(none)", "1", "0", "0.0%"],
    ]
    assert (
        card.tables["Conversion by campaign"] == campaigns.tables["Joined: conversion by campaign"]
    )
    assert card.tables["Conversion by city"] == [
        ["Basel", "2", "1", "50.0%"],
        ["Bern", "1", "0", "0.0%"],
    ]
    assert "is_empty" in campaigns.links["(none)"]
    assert "show=campaign-terms" in campaigns.links["Term"]
    assert ["/join", "1", "1", "100.0%"] in sections.tables["Joined: conversion by section"]


async def test_what_is_no_list_is_not_found(garden: Garden) -> None:
    number = await add_goal(garden)
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/goals/{number}?show=x"
    assert (await client.get(path)).status_code == 404


async def test_a_list_says_by_how_many_points_conversion_changed(garden: Garden) -> None:
    some_visits(garden)
    for who, path in ((ANNA, "/"), (BERT, "/join")):
        garden.event("2025-12-21T10:00", visitor_id=who, visit_id=f"{who[:9]}-21", path=path,
                     country="FR" if who == BERT else "DE")  # fmt: skip
    garden.store()
    goal = f"/goals/{await add_goal(garden)}{WEEK}"
    against = "&against=custom&against_from=2025-12-20&against_to=2025-12-26"
    page = await read(garden, f"{goal}&show=countries{against}")
    card = await read(garden, f"{goal}{against}")
    alone = await read(garden, f"{goal}&show=countries&against=none")

    rows = page.tables["Joined: conversion by country"]
    assert [(row[0], row[-1]) for row in rows] == [
        ("Germany", "▲up 50.0 pts"), ("France", "▼down 50.0 pts"),
    ]  # fmt: skip
    assert card.tables["Conversion by country"] == rows
    assert [len(row) for row in alone.tables["Joined: conversion by country"]] == [4, 4]
