"""Counting by key, address and site: no more passes than a limit allows, in bounded memory."""

from collections import Counter
from ipaddress import IPv6Address

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.rate_limits import (
    MINUTE_MS,
    OF_A_NETWORK,
    OF_THE_REST,
    AddressRateLimiter,
    DailyCeiling,
    Limit,
    RateLimiter,
    wait_for_all,
)
from askfirst.web.ip_addresses import limit_key

NOON = 1_767_268_800_000  # a whole minute
MINUTE = Limit(2, MINUTE_MS)


def passed(limiter: RateLimiter, addresses: list[str], now: int = NOON) -> int:
    return [limiter.wait_for(address, now) for address in addresses].count(0)


def ipv6(network: int, number: int = 1) -> str:
    """Return an address whose 64 bits are a customer's `network` of one /48."""
    return str(IPv6Address((0x20010DB80001 << 80) + (network << 64) + number))


def test_each_address_has_its_own_limit_and_learns_when_to_come_back():
    limiter = AddressRateLimiter(MINUTE)
    assert passed(limiter, ["192.0.2.1"] * 3) == 2
    assert passed(limiter, ["192.0.2.2"]) == 1
    assert limiter.wait_for("192.0.2.1", NOON + 59_500) == 1
    assert limiter.wait_for("192.0.2.1", NOON) == 60
    assert limiter.wait_for("192.0.2.1", NOON + MINUTE_MS) == 0


def test_what_is_one_holders_address_is_counted_as_one():
    """A subscriber has 64 bits of IPv6, and an IPv4 address can be written as an IPv6 one."""
    assert passed(AddressRateLimiter(MINUTE), [ipv6(7, number) for number in range(30)]) == 2
    assert passed(AddressRateLimiter(MINUTE), ["192.0.2.1", "::ffff:192.0.2.1"] * 5) == 2
    assert passed(AddressRateLimiter(MINUTE), ["", "no address", "unix:"]) == 2


def test_a_network_of_ipv6_may_send_ten_times_as_much_however_many_addresses_it_has():
    limiter = AddressRateLimiter(MINUTE)
    assert passed(limiter, [ipv6(network) for network in range(1000)]) == 2 * OF_A_NETWORK
    assert passed(limiter, ["2001:db8:2::1", "192.0.2.1"]) == 2


def test_ipv4_addresses_of_one_network_do_not_limit_each_other():
    addresses = [f"192.0.2.{number}" for number in range(256)]
    assert passed(AddressRateLimiter(MINUTE), addresses * 3) == 512


def test_the_longer_limit_holds_after_the_shorter_ones_window():
    both = AddressRateLimiter(MINUTE), AddressRateLimiter(Limit(3, DAY_MS))

    def passed_both(now: int) -> int:
        return [wait_for_all(both, "192.0.2.1", now) for _ in range(5)].count(0)

    assert passed_both(NOON) == 2
    assert passed_both(NOON + MINUTE_MS) == 1
    assert passed_both(NOON + 2 * MINUTE_MS) == 0
    assert wait_for_all(both, "192.0.2.1", NOON + 2 * MINUTE_MS) > 3600
    assert passed_both(NOON + DAY_MS) == 2


def test_the_bytes_of_a_key_are_limited_beside_their_number():
    usage = RateLimiter(Limit(10, MINUTE_MS, most_bytes=100)).usage_of("a", NOON)
    assert usage.fits(2, 100)
    usage.add(2, 60)
    assert usage.fits(8, 40)
    assert not usage.fits(1, 41)
    assert not usage.fits(9, 1)


def test_keys_that_are_no_addresses_are_counted_each_and_those_beyond_the_room_together():
    limiter = RateLimiter(MINUTE, most_keys=3, rest=2)
    assert passed(limiter, ["2001:db8::1", "2001:db8::2", "c"] * 3) == 6
    assert passed(limiter, ["d", "e", "f"] * 3) == 4
    assert passed(limiter, ["c", "d"], NOON + MINUTE_MS) == 2
    assert len(limiter._usages) == 2


@given(
    sent=st.lists(
        st.tuples(
            st.sampled_from(
                ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", ipv6(1), ipv6(1, 9), ""]
            ),
            st.integers(0, 3 * MINUTE_MS),
        )
    )
)
def test_no_more_than_the_limit_passes_of_a_key_in_a_window(sent: list[tuple[str, int]]):
    limiter = AddressRateLimiter(MINUTE)
    found: Counter[tuple[str, int]] = Counter()
    came: Counter[tuple[str, int]] = Counter()
    for address, after in sorted(sent, key=lambda one: one[1]):
        window = limit_key(address), after // MINUTE_MS
        came[window] += 1
        found[window] += limiter.wait_for(address, NOON + after) == 0
    assert all(found[window] == min(2, came[window]) for window in came)


def test_the_memory_is_bounded_and_newcomers_are_counted_by_their_network():
    limiter = AddressRateLimiter(MINUTE, most_keys=100)
    for number in range(5000):
        limiter.usage_of(f"10.{number % 256}.{number // 256}.1", NOON).add()
    held = len(limiter._usages) + len(limiter._networks)
    assert held <= 200
    one, near = limiter.usage_of("192.0.2.1", NOON), limiter.usage_of("192.0.2.9", NOON)
    assert one is near
    assert one.limit == MINUTE.times(OF_THE_REST)
    assert limiter.usage_of("10.0.0.1", NOON).limit == MINUTE
    assert limiter.usage_of("192.0.2.1", NOON + MINUTE_MS).limit == MINUTE
    assert len(limiter._usages) + len(limiter._networks) == 1


def test_where_there_is_room_for_networks_a_newcomer_shares_with_its_network_alone():
    limiter = AddressRateLimiter(MINUTE, most_keys=10)
    for number in range(300):
        limiter.usage_of(f"10.0.0.{number % 256}", NOON).add()
    newcomer = limiter.usage_of("192.0.2.1", NOON)
    assert (newcomer.number, newcomer.limit) == (0, MINUTE.times(OF_A_NETWORK))
    assert limiter.usage_of("10.0.0.200", NOON).number > 200


def test_a_site_has_its_ceiling_a_day_and_the_log_says_once_that_it_is_reached():
    ceiling = DailyCeiling(4, "events")
    with structlog.testing.capture_logs() as logs:
        waits = [ceiling.wait_for(1, 1, NOON) for _ in range(6)]
    assert waits == [0, 0, 0, 0, DAY_MS // 2000, DAY_MS // 2000]
    assert [(line["event"], line["site"], line["what"]) for line in logs] == [
        ("site_at_its_ceiling", 1, "events")
    ]
    assert ceiling.reached(NOON) == {1: NOON}
    assert ceiling.wait_for(2, 1, NOON) == 0
    assert ceiling.wait_for(2, 4, NOON) > 0  # as a whole or not at all
    assert ceiling.reached(NOON + DAY_MS) == {}
    assert ceiling.wait_for(1, 4, NOON + DAY_MS) == 0


def test_the_second_half_of_a_ceiling_is_for_those_who_sent_few():
    ceiling = DailyCeiling(10, "yeses")
    assert [ceiling.wait_for(1, 1, NOON, few=False) for _ in range(20)].count(0) == 5
    assert ceiling.reached(NOON) == {}
    assert [ceiling.wait_for(1, 1, NOON) for _ in range(20)].count(0) == 5
    assert ceiling.reached(NOON) == {1: NOON}


@pytest.mark.parametrize("backwards", [1, MINUTE_MS, DAY_MS])
def test_a_clock_that_goes_back_locks_nobody_out(backwards: int):
    limiter = AddressRateLimiter(MINUTE)
    passed(limiter, ["192.0.2.1"] * 3)
    assert limiter.wait_for("192.0.2.1", NOON - backwards) == 0
