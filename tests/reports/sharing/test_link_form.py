"""What a share link may be made with."""

from datetime import date

import pytest

from reports.sharing.link_form import TypedLink, expiry_of, faults_of

TODAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (TypedLink(name=""), "name"),
        (TypedLink(name="x" * 65), "name"),
        (TypedLink(name="a\u202eb"), "name"),
        (TypedLink(name="x", until="2026-01-14"), "until"),
        (TypedLink(name="x", until="2028-02-01"), "until"),
        (TypedLink(name="x", until="20260120"), "until"),
        (TypedLink(name="x", hosts="example.org; script-src *"), "embedded_in"),
        (TypedLink(name="x", hosts="https://example.org"), "embedded_in"),
        (TypedLink(name="x", hosts="*"), "embedded_in"),
        (TypedLink(name="x", hosts="*.co.uk"), "embedded_in"),
        (TypedLink(name="x", hosts="'self'"), "embedded_in"),
        (TypedLink(name="x", hosts=" ".join(f"{n}.example.org" for n in range(21))), "embedded_in"),
        (TypedLink(name="x", password="short"), "password_new"),
        (TypedLink(name="x", password="horse battery staple", hosts="example.org"), "password_new"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed: TypedLink, field: str) -> None:
    assert set(faults_of(typed, "", TODAY)) == {field}


def test_a_segment_that_is_not_there_is_no_link_to_everything() -> None:
    assert set(faults_of(TypedLink(name="x"), "7", TODAY)) == {"segment"}


def test_good_links_have_no_fault() -> None:
    hosts = "example.org\n*.example.net LOCALHOST:8001 example.org"
    typed = TypedLink(name="The board", until="2026-01-15", hosts=hosts)

    assert not faults_of(typed, "", TODAY)
    assert not faults_of(TypedLink(name="x", password="horse battery staple"), "", TODAY)
    assert typed.embedded_in == ("example.org", "*.example.net", "localhost:8001")


def test_a_link_opens_to_the_end_of_its_last_day_in_the_sites_zone() -> None:
    # Berlin's summer time begins on 29 March 2026 at 01:00 UTC; that day ends at 22:00 UTC.
    assert expiry_of("2026-03-29", TODAY, "Europe/Berlin") == 1_774_821_600_000
    assert expiry_of("", TODAY, "Europe/Berlin") is None
