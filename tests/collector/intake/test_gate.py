"""The gate: every reason for a refusal, and the order of the reasons."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.columns import KINDS
from askfirst.consents import Claims, Reason
from askfirst.sites import Site
from collector.intake.gate import Arrival, Ruling, judge_event, judge_events, judge_request
from collector.intake.payload import OLDEST_MS
from collector.intake.wire_events import WireEvent
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
    assert judged(site=a_site(policy_version=2, min_policy_version=2)) is Reason.OUTDATED
    assert judged(withdrawn=frozenset({claims.consent_id})) is Reason.WITHDRAWN


def test_a_newer_wording_that_asks_nothing_new_keeps_the_old_yes():
    assert judged(site=a_site(policy_version=2, min_policy_version=1)) is None


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


CLICK = {"kind": "link_click", "link_url": "https://other.test/", "link_kind": "outbound"}


ALL_KINDS = {kind for kind in KINDS if kind}


def ruled(
    *events: WireEvent, bot: bool = False, takes_clicks: bool = True, wait: int = 0
) -> Ruling:
    kinds = ALL_KINDS if takes_clicks else ALL_KINDS - {"link_click"}
    facts = {"declared_bot": bot, "kinds": kinds, "wait": wait}
    return judge_events(events, a_site(), some_claims(), NOON, **facts)


def test_law_2_of_several_reasons_a_bot_comes_first_then_the_events_own_then_the_speed():
    old = event(age=OLDEST_MS + 1)
    assert ruled(old, bot=True, wait=5).refused is Reason.BOT
    assert ruled(event(), old, wait=5).refused is Reason.TOO_OLD
    assert ruled(event(), wait=5) == Ruling(Reason.TOO_FAST, wait=5)
    assert ruled(event(**CLICK), takes_clicks=False, wait=5).refused is Reason.TOO_FAST


def test_clicks_that_the_yes_does_not_cover_are_left_out_and_counted_and_the_rest_is_taken():
    view = event()
    clicks = [event(**CLICK), event(**CLICK)]
    ruling = ruled(clicks[0], view, clicks[1], takes_clicks=False)
    assert (ruling.refused, list(ruling.taken), ruling.left_out) == (None, [view], clicks)
    assert list(ruled(view, event(**CLICK)).left_out) == []


CLICKED = {name: st.just(value) for name, value in CLICK.items()}
EVENTS = st.lists(
    st.builds(
        event,
        age=st.sampled_from([0, 60_000, 60_001, OLDEST_MS, OLDEST_MS + 1]),
        url=st.sampled_from(["https://example.org/", "https://other.test/"]),
    )
    | st.builds(event, age=st.sampled_from([0, 60_001]), **CLICKED),
    max_size=5,
)


@given(events=EVENTS, bot=st.booleans(), takes_clicks=st.booleans(), wait=st.integers(0, 60))
def test_law_8_each_event_is_taken_or_left_out_or_refused_with_all_others(
    events: list[WireEvent], bot: bool, takes_clicks: bool, wait: int
):
    ruling = ruled(*events, bot=bot, takes_clicks=takes_clicks, wait=wait)
    good = [one for one in events if judge_event(one, a_site(), some_claims(), NOON) is None]

    if ruling.refused:
        assert (list(ruling.taken), list(ruling.left_out)) == ([], [])
        assert bot or wait or len(good) < len(events)
    else:
        assert not bot
        assert not wait
        assert good == events
        assert len(ruling.taken) + len(ruling.left_out) == len(events)
        assert takes_clicks or all(one.kind != "link_click" for one in ruling.taken)
        assert not takes_clicks or not ruling.left_out
    assert (ruling.wait > 0) == (ruling.refused is Reason.TOO_FAST)
    assert ruling == ruled(*events, bot=bot, takes_clicks=takes_clicks, wait=wait)
