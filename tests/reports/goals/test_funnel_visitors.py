"""The visitors behind a step of a funnel, listed by own click and told of it."""

from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden
from tests.reports.goals.club import WEEK, add_funnel, some_walks
from tests.reports.reading import Reading


async def test_law_9_the_visitors_behind_a_loss_are_listed_by_own_click_and_told_of_it(
    garden: Garden,
) -> None:
    await some_walks(garden)
    number = await add_funnel(garden)
    path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors{WEEK}&step=2"
    client = await garden.signed_in()
    foreign = await client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert BERT not in foreign.text
    assert await garden.entries() == []

    page = await client.get(path)
    text = " ".join(Reading(page.text).text.split())
    assert "1 visitor did “Page /join” and not “Page /thanks” after it." in text
    assert f"/visitors/{BERT}" in page.text
    assert ANNA not in page.text
    assert CLEO not in page.text
    assert await garden.entries() == [(BERT, EMAIL, "listed")]
    all_the_way = await client.get(path.replace("step=2", "step=3"))
    assert f"/visitors/{ANNA}" in all_the_way.text
    filtered = await client.get(f"{path}&where=country,is,DE")
    assert BERT not in filtered.text


async def test_law_9_whom_no_record_names_is_not_listed(garden: Garden) -> None:
    garden.event("2026-01-01T10:00", visitor_id=ANNA)
    garden.store()
    number = await add_funnel(garden)
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors{WEEK}&step=1"
    assert ANNA not in (await client.get(path)).text
    assert await garden.entries() == []


async def test_choosing_days_keeps_the_step_and_the_filters(garden: Garden) -> None:
    number = await add_funnel(garden)
    client = await garden.signed_in()
    answer = await client.get(
        f"/sites/{garden.site.key}/goals/funnels/{number}/visitors?step=2&where=country,is,FR"
    )
    form = answer.text.split('class="days"')[1].split("</form>")[0]
    fields = Reading(form).fields
    assert (fields["step"], fields["where"]) == ("2", "country,is,FR")


async def test_a_step_that_is_not_there_or_was_taken_away_is_not_found(garden: Garden) -> None:
    number = await add_funnel(garden)
    client = await garden.signed_in()
    for step in ("", "0", "4", "-1", "x", "9" * 30, "²"):
        path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors?step={step}"
        assert (await client.get(path)).status_code == 404
    assert await garden.entries() == []
