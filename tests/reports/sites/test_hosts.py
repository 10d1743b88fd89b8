"""A site's hosts: everybody's websites are refused, and another site's are asked about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.sites import allowed
from reports.sites.hosts import overlap
from tests.reports.garden import Garden
from tests.reports.reading import Reading

NEW = {
    "name": "Shed",
    "time_zone": "UTC",
    "controller": "Garden Ltd",
    "contact": "privacy@example.org",
    "privacy_url": "",
    "ip_mode": "shortened",
}


async def added(garden: Garden, hosts: str, **more: str) -> Any:
    """Post the form of a new site."""
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    return await client.post("/sites/new", data={**NEW, "csrf": csrf, "hosts": hosts, **more})


async def saved(garden: Garden, hosts: str, **more: str) -> Any:
    """Post the settings of a site that is there."""
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/settings"
    csrf = Reading((await client.get(path)).text).fields["csrf"]
    data = {"name": "Garden", "time_zone": "UTC", "csrf": csrf, "hosts": hosts, **more}
    return await client.post(path, data=data)


def wrong(answer: Any) -> list[str]:
    assert answer.status_code == 422
    assert "Nothing was saved." in Reading(answer.text).text
    return [given["id"] for _, given in Reading(answer.text).tags if "aria-invalid" in given]


def names(garden: Garden) -> set[str]:
    return {site.name for site in garden.deps.book.all()}


@pytest.mark.parametrize("post", [added, saved])
@pytest.mark.parametrize(
    "hosts",
    [
        "*.de",
        "*.DE",
        "*.de.",
        "*.de:8080",
        "*.co.uk",
        "*.github.io",
        "*.рф",
        "*。de",
        "*.xn--p1ai",
        "*.city.ck",
        "example.net, *.com",
        "https://*.de/",
    ],
)
async def test_a_wildcard_that_takes_in_everybodys_websites_is_refused(
    garden: Garden, post: Any, hosts: str
) -> None:
    before = garden.deps.book.all()
    answer = await post(garden, hosts)
    assert wrong(answer) == ["hosts"]
    if "https" not in hosts:
        assert "takes in everybody's websites" in Reading(answer.text).text
    assert garden.deps.book.all() == before


@pytest.mark.parametrize(
    ("hosts", "kept"),
    [
        ("*.shed.de", ("*.shed.de",)),
        ("*.shed.co.uk", ("*.shed.co.uk",)),
        ("*.shed.github.io", ("*.shed.github.io",)),
        ("*.localhost", ("*.localhost",)),
        ("*.lan", ("*.lan",)),
        ("shed.de.", ("shed.de",)),
        ("SHED.de.:8080", ("shed.de:8080",)),
        ("https://shed.de./path", ("shed.de",)),
        ("github.io", ("github.io",)),
        ("*.Gärten.de", ("*.xn--grten-gra.de",)),
    ],
)
async def test_ones_own_domain_and_names_of_ones_own_network_are_taken(
    garden: Garden, hosts: str, kept: tuple[str, ...]
) -> None:
    answer = await added(garden, hosts)
    assert answer.status_code == 303, Reading(answer.text).text
    (site,) = [site for site in garden.deps.book.all() if site.name == "Shed"]
    assert site.hosts == kept


@pytest.mark.parametrize(
    "hosts",
    ["example.org", "EXAMPLE.org.", "example.org:8080", "shed.test\nhttps://example.org/shed"],
)
async def test_a_host_that_another_site_has_is_taken_once_it_is_said_to_be_meant(
    garden: Garden, hosts: str
) -> None:
    """Two keys on two paths of one host are right, a host that was mistyped is not."""
    answer = await added(garden, hosts)
    page = Reading(answer.text)
    assert wrong(answer) == ["shared"]
    assert "Hosts that another site has: Garden (example.org)." in page.text
    assert "Shed" not in names(garden)

    again = await added(garden, hosts, shared=page.fields["shared"])
    assert again.status_code == 303
    assert "Shed" in names(garden)


async def test_what_was_confirmed_is_those_hosts_and_no_others(garden: Garden) -> None:
    """A tick that was set for one host does not stand for what is typed afterwards."""
    await garden.deps.book.change(garden.other, "Orchard <b>", ("*.orchard.test",), "UTC")
    asked = Reading((await added(garden, "example.org")).text).fields["shared"]
    answer = await added(garden, "example.org a.orchard.test", shared=asked)
    assert wrong(answer) == ["shared"]
    assert "Garden (example.org), Orchard <b> (*.orchard.test)." in Reading(answer.text).text
    assert "Orchard <b>" not in answer.text


async def test_shared_hosts_are_named_as_people_read_them(garden: Garden) -> None:
    await garden.deps.book.change(garden.other, "Orchard", ("*.xn--grten-gra.test",), "UTC")
    page = Reading((await added(garden, "obst.gärten.test")).text)

    assert "Orchard (*.gärten.test)" in page.text
    assert "more than one site has pages on obst.gärten.test" in page.text
    assert page.fields["shared"] == "obst.xn--grten-gra.test"


async def test_settings_ask_about_hosts_that_are_added_and_not_again_about_those_there(
    garden: Garden,
) -> None:
    await garden.deps.book.change(garden.other, "Orchard", ("*.orchard.test",), "UTC")
    answer = await saved(garden, "example.org b.orchard.test")
    page = Reading(answer.text)
    assert wrong(answer) == ["shared"]
    assert garden.deps.book.get(garden.site.key).hosts == garden.site.hosts

    shared = page.fields["shared"]
    hosts = "example.org b.orchard.test"
    assert (await saved(garden, hosts, shared=shared)).status_code == 303
    assert (await saved(garden, hosts)).status_code == 303
    assert (await saved(garden, "b.orchard.test example.org")).status_code == 303
    assert wrong(await saved(garden, f"{hosts} *.b.orchard.test")) == ["shared"]


async def test_nothing_is_asked_where_no_other_site_has_a_host(garden: Garden) -> None:
    for hosts in ("shed.test", "*.example.org", "notexample.org", "example.org.test"):
        client = await garden.signed_in()
        assert "shared" not in Reading((await client.get("/sites/new")).text).fields
        answer = await added(garden, hosts, name=hosts.replace("*", "all"), shared="stale")
        assert answer.status_code == 303, hosts


labels = st.sampled_from(["a", "b", "ab"])
hostnames = st.lists(labels, min_size=1, max_size=3).map(".".join)
ports = st.sampled_from(["", ":1", ":80"])
entries = st.builds(lambda w, n, p: w + n + p, st.sampled_from(["", "*."]), hostnames, ports)


@given(one=entries, other=entries)
def test_two_entries_overlap_exactly_where_one_host_belongs_to_both(one: str, other: str) -> None:
    """Of all hosts that could matter: each name, and one label more below it, at each port."""
    stems = [entry.removeprefix("*.").partition(":")[0] for entry in (one, other)]
    found = [name for stem in stems for name in (stem, f"x.{stem}")]
    hosts = [f"{name}{port}" for name in found for port in ("", ":1", ":80", ":9")]
    both = [host for host in hosts if allowed((one,), host) and allowed((other,), host)]
    assert overlap(one, other) is bool(both)
    assert overlap(other, one) is overlap(one, other)
