"""The mail server and the sender, as the settings write them."""

import pytest

from askfirst.errors import Misconfigured
from askfirst.settings import load_settings
from askfirst.smtp_url import mail_address, smtp_server


@pytest.mark.parametrize(
    ("url", "tls", "expected"),
    [
        ("smtp://mail.example.org", "", ("mail.example.org", 587, "starttls")),
        ("smtp://mail.example.org:25", "never", ("mail.example.org", 25, "never")),
        ("smtp://localhost:25", "", ("localhost", 25, "never")),
        ("smtp://127.0.0.1", "", ("127.0.0.1", 587, "never")),
        ("smtp://[::1]:25", "", ("::1", 25, "never")),
        ("smtp://localhost:25", "required", ("localhost", 25, "starttls")),
        ("smtps://mail.example.org/", "", ("mail.example.org", 465, "at once")),
        ("smtps://mail.example.org", "never", ("mail.example.org", 465, "at once")),
    ],
)
def test_starttls_is_required_unless_the_server_is_this_machine_or_it_is_said(
    url: str, tls: str, expected: tuple[str, int, str]
) -> None:
    found = smtp_server(url, tls)
    assert (found.host, found.port, found.tls) == expected


def test_user_and_password_are_decoded_and_not_shown() -> None:
    found = smtp_server("smtps://us%40er:p%2Fa%3Ass@mail.example.org")
    assert (found.user, found.password) == ("us@er", "p/a:ss")
    assert "p/a" not in repr(found)
    assert found.name == "mail.example.org:465"


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://user:pass@",
        "smtp://mail.example.org:0",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org?x",
        "smtp://user@mail.example.org",
        "smtp://[::1",
        "smtp://mail.example.org\n",
    ],
)
def test_another_address_stops_the_start_without_telling_the_password(url: str) -> None:
    settings = {"mail_from": "a@b.example", "public_url": "https://reports.example"}
    with pytest.raises(Misconfigured, match="The setting smtp_url is wrong") as told:
        load_settings({**settings, "smtp_url": url}, {})
    assert "pass@" not in told.value.message


@pytest.mark.parametrize("missing", ["mail_from", "public_url"])
def test_a_mail_server_needs_a_sender_and_the_address_of_links(missing: str) -> None:
    settings = {
        "mail_from": "a@b.example",
        "public_url": "https://reports.example",
        "smtp_url": "smtp://localhost",
    }
    load_settings(settings, {})
    with pytest.raises(Misconfigured, match=f"needs the setting {missing}"):
        load_settings({**settings, missing: ""}, {})


def test_a_sender_has_an_address_and_may_have_a_name() -> None:
    assert mail_address("stats@example.org").addr_spec == "stats@example.org"
    named = mail_address('"Statistics, Ltd" <stats@example.org>')
    assert (named.display_name, named.addr_spec) == ("Statistics, Ltd", "stats@example.org")


@pytest.mark.parametrize(
    "text", ["stats", "a@b@c", "a@b.example\r\nBcc: c@d.example", "<a b@c.example>", "a@", "@b"]
)
def test_another_sender_stops_the_start(text: str) -> None:
    with pytest.raises(Misconfigured, match="The setting mail_from is wrong"):
        load_settings({"mail_from": text}, {})
