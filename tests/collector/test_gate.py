"""The gate: every reason for a refusal, and the order of the reasons."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.consents import Claims, Reason
from askfirst.sites import Site
from collector.gate import Arrival, judge_event, judge_request
from collector.payload import OLDEST_MS, WireEvent
from tests.factories import CHROME, NOON, a_site, a_view, some_claims


def arrival(**changes: object) -> Arrival:
    facts: dict[str, object] = {
        "now": NOON,
        "origin": "https://example.org",
        "ip": "192.0.2.1",
        "user_agent": CHROME,
        "accept_language": "en",
    }
    return Arrival(**{**facts, **changes})


def event(**changes: object) -> WireEvent:
    return msgspec.convert(a_view(**changes), WireEvent)


def judged(
    site: Site | None = None,
    claims: Claims | None = None,
    token: str = "token",
    withdrawn: frozenset[str] = frozenset(),
    **changes: object,
) -> Reason | None:
    return judge_request(
        arrival(**changes), site or a_site(), token, claims or some_claims(), withdrawn
    )


def test_a_valid_yes_from_the_sites_own_host_is_taken():
    assert judged() is None


def test_law_2_each_thing_that_is_wrong_has_its_own_reason():
    site, claims = a_site(), some_claims()

    assert judge_request(arrival(), None, "t", claims, ()) is Reason.UNKNOWN_SITE
    assert judged(origin="") is Reason.BAD_ORIGIN
    assert judged(origin="null") is Reason.BAD_ORIGIN
    assert judged(origin="https://example.org.evil.test") is Reason.BAD_ORIGIN
    assert judge_request(arrival(), site, "", None, ()) is Reason.NO_CONSENT
    assert judge_request(arrival(), site, "forged", None, ()) is Reason.BAD_TOKEN
    assert judged(claims=some_claims(site_id=2)) is Reason.OTHER_SITE
    assert judged(claims=some_claims(purposes=("ads",))) is Reason.OTHER_PURPOSE
    assert judged(claims=some_claims(purposes=())) is Reason.OTHER_PURPOSE
    assert judged(claims=some_claims(valid_until=NOON)) is Reason.EXPIRED
    assert judged(site=a_site(policy_version=2, asked_version=2)) is Reason.OUTDATED
    assert judged(withdrawn=frozenset({claims.consent_id})) is Reason.WITHDRAWN


def test_a_newer_wording_that_asks_nothing_new_keeps_the_old_yes():
    assert judged(site=a_site(policy_version=2, asked_version=1)) is None


def test_subdomains_count_only_where_the_owner_wrote_them():
    assert judged(origin="https://shop.example.org") is None
    assert judged(site=a_site(hosts=("example.org",)), origin="https://shop.example.org") is (
        Reason.BAD_ORIGIN
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"age": 60_000}, None),
        ({"age": 60_001}, Reason.BEFORE_CONSENT),
        ({"age": OLDEST_MS + 1}, Reason.TOO_OLD),
        ({"url": "https://other.test/"}, Reason.BAD_ORIGIN),
    ],
)
def test_law_1_an_event_from_before_the_yes_is_refused(
    changes: dict[str, object], reason: Reason | None
):
    assert judge_event(event(**changes), a_site(), some_claims(), NOON) is reason


@given(
    given_at=st.integers(NOON - 400 * DAY_MS, NOON + DAY_MS),
    lasts=st.integers(0, 400 * DAY_MS),
    age=st.integers(0, 2 * DAY_MS),
)
def test_law_3_what_is_taken_happened_while_the_consent_was_valid(
    given_at: int, lasts: int, age: int
):
    claims = some_claims(given_at=given_at, valid_until=given_at + lasts)
    taken = judged(claims=claims) is None and (
        judge_event(event(age=age), a_site(), claims, NOON) is None
    )

    assert not taken or given_at <= NOON - age < given_at + lasts


def test_requirement_49_the_signal_ends_a_yes_that_came_before_it_and_no_other():
    assert judged(gpc=True) is Reason.SIGNAL
    assert judged(gpc=True, claims=some_claims(gpc=True)) is None
    assert judged(gpc=False, claims=some_claims(gpc=True)) is None
