"""What a share link shows tells of nobody: not by a small number, and not by a difference."""

from hypothesis import given
from hypothesis import strategies as st

from reports.figures.figures import Row, Totals
from reports.formatting.dates import NOTHING
from reports.sharing.hidden import SMALLEST, rounded, shared_figures, shared_rows, told


def totals(visitors: int, visits: int, views: int, bounces: int = 0) -> Totals:
    return Totals(
        visitors=visitors,
        visits=visits,
        views=views,
        views_per_visit=views / visits if visits else None,
        bounce_rate=bounces / visits if visits else None,
        visit_seconds=None,
        engaged_seconds=63.0 if visits else None,
    )


def test_a_count_below_ten_is_only_said_to_be_that() -> None:
    assert [told(n) for n in (0, 1, 9, 10, 14, 15, 1234)] == [
        *["<10"] * 3,
        "10",
        "10",
        "20",
        "1,230",
    ]


@given(st.integers(0, 500), st.integers(0, SMALLEST - 1))
def test_a_hidden_count_cannot_be_worked_out_of_a_total_and_the_rest(
    rest: int, hidden: int
) -> None:
    """The rest are the other rows, the other days, another period, or all but a segment."""
    total = rounded(rest + hidden)
    like_it = [n for n in range(520) if rounded(n) == rounded(rest)]
    fits = {n for n in range(40) if any(rounded(other + n) == total for other in like_it)}

    assert hidden in fits
    assert len(fits) >= SMALLEST // 2


def test_figures_of_few_visits_are_dashes_and_means_are_made_of_rounded_counts() -> None:
    few = {one.label: one.text for one in shared_figures(totals(3, 4, 9, 1))}
    some = {one.label: one.text for one in shared_figures(totals(38, 41, 96, 12))}
    all_bounce = {one.label: one.text for one in shared_figures(totals(38, 41, 96, 38))}

    assert few == {
        "Visitors": "<10",
        "Visits": "<10",
        "Page views": "<10",
        "Views per visit": NOTHING,
        "Bounce rate": NOTHING,
        "Engaged time": NOTHING,
    }
    assert some == {
        "Visitors": "40",
        "Visits": "40",
        "Page views": "100",
        "Views per visit": "2.50",
        "Bounce rate": "25.0%",
        "Engaged time": "1m 05s",
    }
    assert all_bounce["Bounce rate"] == NOTHING


def test_figures_of_fewer_than_ten_visitors_are_hidden_however_many_visits_they_made() -> None:
    for visitors in (1, 9):
        shown = shared_figures(totals(visitors, 1200, 3600, 500))
        assert {one.text for one in shown} == {"<10", NOTHING}


def test_rows_of_fewer_than_ten_visitors_are_not_listed_whatever_they_amount_to() -> None:
    rows = [
        Row("/much", 90, 9, 0, 0),
        Row("/a", 57, 44, 0, 0),
        Row("/b", 33, 11, 0, 0),
        Row("/secret", 1, 1, 0, 0),
    ]
    shown = shared_rows(rows, 8)

    assert [(row.name, row.amount, row.visitors, row.part) for row in shown] == [
        ("/a", 60, 40, 100.0),
        ("/b", 30, 10, 25.0),
    ]
    assert [row.name for row in shared_rows(rows, 1)] == ["/a"]


@given(st.permutations(["/a", "/b", "/c", "/d"]), st.integers(1, 4))
def test_the_order_of_rows_tells_no_more_than_their_rounded_counts(
    names: list[str], most: int
) -> None:
    """Rows come in the order of their true counts, the highest first."""
    rows = [
        Row(name, 90 - n, visitors, 0, 0)
        for n, (name, visitors) in enumerate(zip(names, (24, 22, 19, 16), strict=True))
    ]
    shown = shared_rows(rows, most)

    assert [row.visitors for row in shown] == [20] * most
    assert [row.name for row in shown] == sorted(names)[:most]
