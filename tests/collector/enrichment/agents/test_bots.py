"""Who is a bot: crawlers and AI agents by name, and people who look like one."""

from pathlib import Path

import crawleruseragents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.recording_rules import LONGEST_RULE, RecordingRules
from collector.enrichment.agents.ai_agents import AI_AGENTS
from collector.enrichment.agents.bots import known_rules
from collector.enrichment.agents.crawlers import crawlers, name_of, rules_of
from collector.enrichment.agents.reading import read_agent

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {ENGINE}"


def on_android(model: str, rest: str = "", version: str = "15") -> str:
    return (
        f"Mozilla/5.0 (Linux; Android {version}; {model}) {ENGINE} Version/4.0 "
        f"Chrome/131.0.6778.39 Mobile Safari/537.36{rest}"
    )


PEOPLE = (
    on_android("SM-S911B Build/AP3A.240617.008; wv"),  # a build that many phones share
    on_android("RMX3841 Build/AP3A.240617.008", " Instagram 350.0.0.30.90 Android"),
    on_android("Pixel 9 Build/BP1A.250305.019; wv", " MetaIAB Facebook"),
    on_android("Pixel 9 Build/BP1A.250305.019; wv", " MetaIAB Instagram"),
    on_android("SM-A155F; wv", " Viber/24.1.0.1", "14"),
    on_android("SM-A155F; wv", " [FB_IAB/FB4A;FBAV/480.0.0.54.88;IABMV/1;]", "14"),
    on_android("SM-A155F; wv", " Line/14.2.1/IAB", "14"),
    on_android("SM-A155F; wv", " Pinterest for Android/12.4.0", "14"),
    on_android("SM-A155F; wv", " WhatsApp/2.24.1", "14"),
    on_android("SM-A155F; wv", " Tumblr/14.0.835", "14"),
    on_android("SM-A155F; wv", " Bluesky/1.90", "14"),
    on_android("SM-A155F; wv", " Notion/1.2", "14"),
    on_android("SM-A155F; wv", " (com.example.reader)", "14"),
    on_android("Sonic 5", version="9"),
    on_android("ViewSonic VSD241", version="9"),
    on_android("Butterfly X", version="9"),
    on_android("Fever_A", version="9"),
    on_android("Expanse 7", version="9"),
    on_android("Magellan Pro", version="9"),
    on_android("CUBOT X18 Plus", version="9"),
    on_android("CUBOT_NOTE_S", version="9"),
    on_android("M bot 51", version="9"),
    on_android("SPIDER Build/NRD90M", version="9"),
    on_android("Crawler 4x4 Build/NRD90M", version="9"),
    on_android("K", " SogouMSE,SogouMobileBrowser/5.6.3", "10"),
    f"{WINDOWS} Chrome/49.0.2623.221 Safari/537.36 SE 2.X MetaSr 1.0 Sogou",
    f"{WINDOWS} Code/1.115.0 Chrome/142.0.7444.265 Electron/39.8.5 Safari/537.36",
    f"{WINDOWS} Trae/1.107.1 Chrome/142.0.7444.235 Electron/39.2.7 Safari/537.36",
    f"{WINDOWS} Notion/3.1.0 Chrome/126.0.6478.127 Electron/31.2.1 Safari/537.36",
    f"{WINDOWS} Asana/2.3.0 Chrome/126.0.6478.127 Electron/31.2.1 Safari/537.36",
    f"{WINDOWS} Grammarly/1.2 Chrome/126.0.6478.127 Safari/537.36",
    f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36 AVG/131.0",
    ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Embedded Web Browser from: "
    "http://bsalsa.com/; .NET CLR 2.0.50727)"),
    "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; http://www.example.net)",
    "Mozilla/5.0 (compatible; Konqueror/3.5; Linux; de) KHTML/3.5.8 (like Gecko)",
    ("Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_5_6; en-us) AppleWebKit/528.16 (KHTML, like "
    "Gecko) Fluid/0.9.6 Safari/528.16"),
    ("Mozilla/5.0 (Linux; Android 9; AFTMM) AppleWebKit/537.36 (KHTML, like Gecko) Silk/118.3.1 "
    "like Chrome/118.0.5993.155 Safari/537.36"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "SomeReader (RSS Reader; https://example.org/)"),
    on_android("SM-A155F; wv", " SomeNews/3.1 (news app, https://example.org/)", "14"),
    on_android("SM-A155F; wv", " HealthCheck7/1.2", "14"),
    "WhatsApp/2.23.20.0 iPhone_OS/16.6 Device/iPhone_14",
    "NewsBlur iPhone App v3.6",
    "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
    "SpiderSolitaire/12 CFNetwork/1410.0.3 Darwin/22.6.0",
    "",
)  # fmt: skip

BOTS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "Googlebot",
    f"Mozilla/5.0 {ENGINE}; compatible; GPTBot/1.2; +https://openai.com/gptbot)": "GPTBot",
    f"{WINDOWS} HeadlessChrome/142.0.0.0 Safari/537.36": "HeadlessChrome",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 GTmetrix": "GTmetrix",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36; Manus-User/1.0": "Manus-User",
    on_android("Nexus 5X Build/MMB29P", " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"):
        "Googlebot",
    on_android("CUBOT X18", " (compatible; NoSuchBot/1.0; +https://example.org/bot)"): "bot",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 (RSS Reader; +https://example.org/)": "address",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 NoSuchThing/1.0; https://example.org/": "address",
    "Some-HealthChecker/2.0": "monitor",
    "curl/8.5.0": "curl",
    "python-requests/2.32.3": "python-requests",
    "Viber/13.3.0.5": "Viber",
    "NoSuchBot/1.0": "bot",
    "NoSuchCrawler/1.0": "crawler",
    "Mozilla/5.0 (compatible; NoSuchThing/1.0; +https://example.org/)": "compatible",
    "NoSuchThing/1.0 (+https://example.org/about)": "address",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 NoSuchThing/1.0 (+https://example.org/)": "address",
}  # fmt: skip


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_what_people_use_is_no_bot(user_agent: str):
    assert read_agent(user_agent).rule == ""


@pytest.mark.parametrize(("user_agent", "name"), BOTS.items())
def test_a_bot_has_the_rule_that_tells_it(user_agent: str, name: str):
    read = read_agent(user_agent)

    assert (read.rule, read.bot) == (f"agent:{name}", True)


@pytest.mark.parametrize("agent", AI_AGENTS, ids=lambda agent: agent.name)
def test_an_ai_agent_is_known_with_operator_and_purpose(agent):
    read = read_agent(f"Mozilla/5.0 {ENGINE}; compatible; {agent.name}/1.0; +https://example.org/)")
    known = known_rules()[read.rule]

    assert read.rule == f"agent:{agent.name}"[:LONGEST_RULE]
    assert (known.operator, known.purpose) == (agent.operator, agent.purpose)
    assert read.declared


def test_of_the_lists_own_examples_few_are_missed():
    examples = [
        example
        for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        for example in entry.get("instances", ())
    ]
    missed = [example for example in examples if not read_agent(example).bot]

    assert len(missed) < len(examples) * 0.02


@pytest.mark.parametrize(
    ("user_agent", "declared"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("NoSuchBot/1.0 (someone@example.org)", True),
        ("NoSuchBot/1.0", False),
        ("NoSuchThing/1.0 (+https://example.org/about)", False),
        (f"{WINDOWS} HeadlessChrome/142.0.0.0 Safari/537.36", False),
        ("curl/8.5.0", False),
        (on_android("CUBOT X18", " (compatible; Thing/1.0; +https://example.org/)"), False),
    ],
)
def test_a_crawler_is_declared_where_it_says_so_and_where_to_read_about_it(
    user_agent: str, declared: bool
):
    assert read_agent(user_agent).declared is declared


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_nobody_who_may_have_said_yes_is_a_declared_crawler(user_agent: str):
    assert not read_agent(user_agent).declared


def test_every_entry_of_the_list_is_compiled():
    left_out = [one.pattern for one in crawlers() if "(?" in one.pattern]

    assert left_out == []
    assert rules_of(says_so=True).name("Googlebot/2.1") == "Googlebot"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"Googlebot\/", "Googlebot"),
        ("AdsBot-Google([^-]|$)", "AdsBot-Google"),
        ("S[eE][mM]rushBot", "SemrushBot"),
        ("(sistrix|SISTRIX) [cC]rawler", "sistrix crawler"),
        (r"(^| )PTST\/", "PTST"),
        ("Chirp|gotosocial", "Chirp"),
        (r"Current[\s\S]*RSS Reader", "Current RSS Reader"),
    ],
)
def test_a_pattern_has_a_name_to_be_read(pattern: str, name: str):
    assert name_of(pattern) == name


def test_the_page_about_bots_names_every_ai_agent_and_every_rule_of_a_word():
    page = (Path(__file__).parents[4] / "docs" / "collecting" / "bots.md").read_text()
    listed = {f"agent:{one.name}" for one in crawlers()}
    words = [rule.removeprefix("agent:") for rule in known_rules() if rule not in listed]

    assert [
        one for one in AI_AGENTS if f"| `{one.name}` | {one.operator} | {one.purpose} |" not in page
    ] == []
    assert [name for name in words if f"`{name}`" not in page and f":{name}`" not in page] == []


def test_names_of_rules_are_short_and_plain():
    names = list(known_rules())

    assert all(name.startswith("agent:") and 6 < len(name) <= LONGEST_RULE for name in names)
    assert all(RecordingRules().counting(name, counted=True).counted for name in names)
    assert not any(sign in name for name in names for sign in "\\[]^|\n")


@given(st.sampled_from([one.name for one in crawlers()]), st.text(max_size=20))
def test_a_rule_comes_from_the_list_and_not_from_the_user_agent(name: str, rest: str):
    read = read_agent(f"{name}/1.0 {rest}")

    assert read.rule == "" or read.rule in known_rules()


def test_the_name_of_no_entry_makes_a_device_a_bot():
    def device(name: str) -> str:
        return "".join(sign for sign in name.replace("/", " ") if sign not in ";()")

    called = [
        one.name
        for one in crawlers()
        if read_agent(on_android(f"{device(one.name)} Build/AP3A.240617.008")).bot
    ]

    assert called == []


def test_an_app_called_like_an_entry_that_does_not_say_so_is_no_bot():
    saying_so = {one.name for one in crawlers() if one.says_so}
    others = {one.name for one in crawlers()} - saying_so
    rules = {name: read_agent(on_android("K", f" {name}/1.0")).rule for name in others}

    assert [name for name, rule in rules.items() if rule == f"agent:{name}"] == []
    assert {"Viber", "Notion", "Tumblr", "MetaIAB Facebook", "Code 1."} <= others


@pytest.mark.parametrize(
    "text",
    [
        "WhatsApp/2.11.282 WP7/8.0.10328.0 Device/NOKIA-RM-914_eu_euro2_341-H1.0.0.0",
        "WhatsApp/2.11.80 S60Version/3.1 Device/Nokia-6124c-EM50.04",
        "Mozilla/4.0 (compatible; Polaris 6.2; BREW 3.1.5; U; en)/240X400 LGE LG-LG8575",
        "Mozilla/5.0 (SAMSUNG; SAMSUNG-GT-S7230/1.0; U; Bada/1.0; en-us) OperaMini/5.0 Mobile WVGA",
        "Opera/9.80 (MAUI Runtime; Opera Mini/4.4.39008/37.9178; U; en) Presto/2.12.423",
        "Mozilla/5.0 (compatible; msie 9.0; windows phone os 7.5; iemobile/9.0; samsung)",
        "Mozilla/5.0 (compatible; Konqueror/3.1; de)",
        "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1) (via translate.google.com)",
        "SomeGame/1.5.0(android:2.2.1;package:com.example.game;url:http://example.com/)",
        "Some Browser/3.2 (https://example.com/)",
    ],
)
def test_older_systems_embedded_browsers_and_translated_pages_are_those_of_people(text: str):
    assert not read_agent(text).bot


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/faq/15/4118.html)",
        "Mozilla/4.0 (compatible; Synapse)",
        "Mozilla/5.0 (X11) Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Some Browser/3.2 (+https://example.com/)",
        "WhatsApp/2.23.20.0",
    ],
)
def test_what_only_resembles_them_is_a_bot(text: str):
    assert read_agent(text).bot
