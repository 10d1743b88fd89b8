"""Law 3: rows without a consent that was valid when they happened are found, and only those."""

import pytest

from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.reading import Reading


async def _checked(garden: Garden) -> tuple[str, str]:
    """Return the sentence about rows without a consent, and how many were checked."""
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/consent-check")
    assert answer.status_code == 200, answer.text
    text = " ".join(Reading(answer.text).text.split())
    found = text.split("without a valid consent: ")[1].split(" ")[0]
    return found, text.split("Each of the ")[1].split(" ")[0]


async def test_law_3_an_empty_site_has_no_row_without_a_consent(garden: Garden) -> None:
    assert await _checked(garden) == ("0", "0")


async def test_law_3_rows_within_their_consent_are_grounded(garden: Garden) -> None:
    await garden.consent(ANNA, given="2025-12-31T10:00")
    garden.event("2025-12-31T10:00")
    garden.event("2025-12-31T23:59")

    assert await _checked(garden) == ("0", "2")


@pytest.mark.parametrize(
    "time", ["2025-12-31T09:59:59.999", "2025-12-31T12:00", "2025-12-31T12:00:01"]
)
async def test_law_3_rows_before_the_consent_or_after_the_withdrawal_are_found(
    garden: Garden, time: str
) -> None:
    await garden.consent(ANNA, given="2025-12-31T10:00")
    await garden.withdraw(ANNA, "2025-12-31T12:00")
    garden.event("2025-12-31T11:59:59.999")
    garden.event(time)

    assert await _checked(garden) == ("1", "2")


async def test_law_3_rows_after_the_expiry_are_found(garden: Garden) -> None:
    end = 1_767_225_600_000  # 2026-01-01T00:00Z
    await garden.consent(ANNA, valid_until=end)
    garden.event("2025-12-31T23:59:59.999")
    garden.event("2026-01-01T00:00")

    assert await _checked(garden) == ("1", "2")


async def test_law_3_rows_that_name_no_or_another_sites_or_a_refused_consent_are_found(
    garden: Garden,
) -> None:
    await garden.consent(BERT, site_id=garden.other.id)
    await garden.consent(CLEO, state="refused")
    garden.event("2026-01-01T10:00")
    garden.event("2026-01-01T10:00", visitor_id=BERT)
    garden.event("2026-01-01T10:00", visitor_id=CLEO)

    assert await _checked(garden) == ("3", "3")


async def test_law_3_two_records_of_one_consent_count_a_row_once(garden: Garden) -> None:
    await garden.consent(ANNA)
    await garden.consent(ANNA, record_id="2" * 32, hash="2" * 64)
    garden.event("2026-01-01T10:00")

    assert await _checked(garden) == ("0", "1")


async def test_the_page_counts_one_as_one_and_says_what_an_erasure_leaves(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00")
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/consent-check")
    text = " ".join(Reading(answer.text).text.split())

    assert "the 1 recorded event was compared with the 1 consent." in text
    assert "Each of their consent records stays, without a name" in text
