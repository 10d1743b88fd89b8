"""Senders that name neither browser, engine, system nor device: programs, and texts of nothing."""

import pytest

from collector.enrichment.agents.client import NO_BROWSER
from collector.enrichment.agents.reading import read_agent


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "()", "Mozilla/5.0", "Mozilla/5.0 (Unknown)", "somescript", "SomeHttp/7",
        "some-client/0.12", "Some v2.9.0", "Some/3.5 (some:io)", "SomeRuntime/7.43.0", "some/4.1",
    ],
)  # fmt: skip
def test_what_says_nothing_that_a_browser_says_sends_no_event_of_a_person(text: str):
    assert (read_agent(text).sender_rule, read_agent(text).browser) == (NO_BROWSER, "")


@pytest.mark.parametrize(
    "text",
    [
        "Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1",
        "w3m/0.5.3+git20230121",
        "Dillo/3.2.0",
        "ELinks/0.17 (textmode)",
        "Some Browser/3.2",
        "Mozilla/5.0 (rv:140.0) Gecko/20100101 Firefox/140.0",
        "KDDI-XX3H UP.Browser/6.2_7.2.7.1.K.5.214 (GUI) MMP/2.0",
        "SomeApp/3.1 (iPhone; iOS 18.1)",
        "SomeApp/2.0 (Linux; Android 15)",
    ],
)
def test_a_browser_without_a_system_and_an_app_on_a_system_are_those_of_people(text: str):
    assert read_agent(text).sender_rule == ""


@pytest.mark.parametrize("text", ["SomePlayer/1.9.0", "some-library/2.68.2", "-", ""])
def test_an_app_that_only_fetches_files_is_not_called_a_bot(text: str):
    assert not read_agent(text).bot


@pytest.mark.parametrize("hints", ["brand=Google Chrome/142", "platform=Windows"])
def test_a_browser_that_hides_its_user_agent_is_known_by_its_hints(hints: str):
    assert read_agent("Mozilla/5.0", hints).sender_rule == ""
    assert read_agent("Mozilla/5.0", "touch=0").sender_rule == NO_BROWSER


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Cypress/13.6.0 Chrome/114.0 Electron/25.8 Safari/537.36"
            ),
            "agent:headless browser",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; en-US) PowerShell/7.4.6", "agent:library"),
        ("Some-Heartbeat/8.1 (linux; amd64)", "agent:monitor"),
    ],
)
def test_a_program_that_names_a_system_is_told_by_its_trade(text: str, rule: str):
    assert read_agent(text).rule == rule
