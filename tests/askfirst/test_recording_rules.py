"""Recording rules: what an owner may write, and what the reports leave out by them."""

import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from askfirst.recording_rules import (
    MOST_COUNTED,
    MOST_NETWORKS,
    RecordingRules,
    read_days,
    read_networks,
    read_parameters,
)
from tests.factories import a_site

RULE = "agent:Googlebot"


def test_a_rule_leaves_out_what_it_fits_until_it_is_switched_off():
    rules = RecordingRules()
    off = rules.counting(RULE, counted=True)

    assert rules.leaves_out(RULE)
    assert not rules.leaves_out("")
    assert not off.leaves_out(RULE)
    assert off.leaves_out("webdriver")
    assert off.counting(RULE, counted=True) == off
    assert off.counting(RULE, counted=False) == rules


def test_what_is_left_out_is_kept_under_the_negative_number_of_the_site():
    site = a_site(id=7, rules=RecordingRules(counted=(RULE,)))

    assert (site.side(""), site.side(RULE), site.side("webdriver")) == (7, 7, -7)


@pytest.mark.parametrize("rule", ["", "Agent", "agent:", "agent:\n", "agent:" + "x" * 31, "a b"])
def test_what_is_no_name_of_a_rule_is_refused(rule: str):
    with pytest.raises(Malformed):
        RecordingRules().counting(rule, counted=True)


def test_only_so_many_rules_can_be_switched_off():
    full = RecordingRules(counted=tuple(f"agent:{n}" for n in range(MOST_COUNTED)))

    with pytest.raises(Malformed):
        full.counting(RULE, counted=True)
    assert full.counting("agent:7", counted=True)


@pytest.mark.parametrize(
    ("own", "setting", "days"), [(0, 0, 0), (7, 0, 7), (0, 9, 9), (7, 9, 7), (9, 7, 7)]
)
def test_of_the_days_of_whole_addresses_the_fewer_hold(own: int, setting: int, days: int):
    assert RecordingRules(whole_address_days=own).days_of_whole_addresses(setting) == days


def test_days_are_whole_numbers_that_are_not_too_many_or_nothing():
    assert [read_days(text) for text in ("", "  ", "1", " 30 ", "760")] == [0, 0, 1, 30, 760]
    for text in ("0", "761", "-1", "1.5", "1e2", "x", "²", "٣", "9" * 5000):
        with pytest.raises(Malformed) as refused:
            read_days(text)
        assert refused.value.field == "whole_address_days"


def test_networks_are_read_in_their_plain_form_and_once():
    text = "192.0.2.7/24, 192.0.2.0/24\n2001:DB8::/32 ;198.51.100.4"

    assert read_networks(text) == ("192.0.2.0/24", "2001:db8::/32", "198.51.100.4/32")
    assert read_networks(" \n") == ()


@pytest.mark.parametrize("text", ["here", "192.0.2.0/33", "0.0.0.0/0", "::/0", "192.0.2.1\x00"])
def test_what_is_no_network_is_named(text: str):
    with pytest.raises(Malformed) as caught:
        read_networks(text)

    assert caught.value.field == "networks"
    assert "\x00" not in caught.value.message


def test_there_is_a_limit_to_networks():
    with pytest.raises(Malformed):
        read_networks(" ".join(f"10.0.{n // 256}.{n % 256}" for n in range(MOST_NETWORKS + 1)))


@given(st.lists(st.ip_addresses(), max_size=5))
def test_every_address_is_in_the_network_that_is_read_from_it(addresses: list):
    networks = [ipaddress.ip_network(one) for one in read_networks(" ".join(map(str, addresses)))]

    assert all(any(one in network for network in networks) for one in addresses)


@given(st.text(max_size=60))
def test_any_text_is_read_the_same_again_or_refused(text: str):
    for read in (read_networks, read_parameters):
        with suppress(Malformed):
            assert read(" ".join(read(text))) == read(text)


def test_parameters_are_names():
    assert read_parameters("id, page\nlang id filter[x]") == ("id", "page", "lang", "filter[x]")
    for text in ("a=b", "ä", "a" * 65, " ".join(f"p{n}" for n in range(51))):
        with pytest.raises(Malformed):
            read_parameters(text)
