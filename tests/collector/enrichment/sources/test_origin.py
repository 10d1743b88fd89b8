"""Sources: the source, channel and click id of a visit from its referrer and page address."""

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from askfirst.channels import CHANNELS
from askfirst.system.assets import asset_path
from askfirst.web.public_suffixes import is_listed_suffix
from benchmarks.classification.sources import SETS, classify, vectors
from collector.enrichment.enrich import outside_host
from collector.enrichment.sources.addresses import read_referrer
from collector.enrichment.sources.campaigns import (
    campaign_of,
    campaign_query,
    recorded_campaign,
)
from collector.enrichment.sources.click_ids import CLICK_IDS
from collector.enrichment.sources.hosts import COUNTRIES, SECOND_LABELS, listed_source
from collector.enrichment.sources.lists import lists
from collector.enrichment.sources.origin import Origin, source_of

HOSTS = ("example.com", "*.example.com", "localhost:8001")
PAGE = "https://example.com/"
PLAIN_HOSTS = sorted(host for host in lists().hosts if not host.endswith(".*"))
ANY_COUNTRY = sorted(host[:-2] for host in lists().hosts if host.endswith(".*"))
OURS = json.loads(asset_path("data/sources/ours.json").read_text(encoding="utf-8"))["sources"]
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
COUNTRY = st.sampled_from(sorted(COUNTRIES))


def origin(referrer: str = "", query: str = "") -> Origin:
    return source_of(referrer, PAGE + query, HOSTS)


def said(referrer: str = "", query: str = "") -> tuple[str, str]:
    found = origin(referrer, query)
    return found.source, found.channel


@pytest.mark.parametrize("of", SETS)
def test_the_vectors_lie_in_the_set_that_their_hash_says(of):
    assert len(vectors(of)) > 100
    assert all(one.belongs_to == of for one in vectors(of))


@pytest.mark.parametrize("of", SETS)
def test_nineteen_of_twenty_vectors_are_right(of):
    result = classify(of)

    assert result.sources_right >= 0.95
    assert result.channels_right >= 0.95


@pytest.mark.parametrize(
    ("referrers", "source"),
    [
        ("l.facebook.com lm.facebook.com m.facebook.com www.facebook.com fb.me", "Facebook"),
        ("t.co twitter.com x.com mobile.twitter.com com.twitter.android", "Twitter"),
        ("linkedin.com lnkd.in com.linkedin.android de.linkedin.com", "LinkedIn"),
        ("out.reddit.com old.reddit.com redd.it com.reddit.frontpage", "Reddit"),
        ("youtu.be m.youtube.com com.google.android.youtube", "YouTube"),
        ("google.co.uk google.com.br www.google.de ipv6.google.com google.cat", "Google"),
        ("com.google.android.googlequicksearchbox", "Google"),
        ("t.me web.telegram.org org.telegram.messenger", "Telegram"),
    ],
)
def test_what_people_name_once_is_one_source(referrers: str, source: str):
    apps = ("com.", "org.")
    for one in referrers.split():
        scheme = "android-app" if one.startswith(apps) else "https"
        assert origin(f"{scheme}://{one}/").source == source, one


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("www.googleapis.com/auth/chrome-content-suggestions", ("Google Discover", "search")),
        ("www.googleapis.com/drive", ("googleapis.com", "referral")),
        ("www.icloud.com/mail", ("iCloud Mail", "email")),
        ("www.icloud.com/photos", ("icloud.com", "referral")),
        ("lumo.proton.me", ("Lumo", "ai_assistant")),
        ("href.li/?https://example.com/", ("Tumblr", "social")),
        ("anonym.to/?https://example.com/", ("Hidden referrer", "referral")),
        ("notanonym.to", ("notanonym.to", "referral")),
    ],
)
def test_a_service_is_told_by_its_host_and_path(referrer: str, expected: tuple[str, str]):
    assert said(f"https://{referrer}") == expected


@pytest.mark.parametrize(
    "names",
    [
        "fb FB Facebook facebook.com l.facebook.com m.facebook.com facebook_ads fbads fb-ads meta",
        "google Google GOOGLE google.com www.google.de adwords google_ads googleads",
        "ig instagram Instagram l.instagram.com ig_story instagram.com",
        "chatgpt chatgpt.com ChatGPT chat.openai.com openai",
        "linkedin LinkedIn li linkedin.com lnkd.in linkedin_page",
        "twitter x x.com t.co Twitter",
        "youtube YouTube yt youtu.be",
        "hackernews hn news.ycombinator.com hacker%20news Hacker+News",
    ],
)
def test_spellings_of_utm_source_stand_under_one_name(names: str):
    found = {origin(query=f"?utm_source={name}").source for name in names.split()}

    assert len(found) == 1
    assert found != {names.split(maxsplit=1)[0]}


@pytest.mark.parametrize(
    "host",
    [
        "notgoogle.com",
        "google.com.example.org",
        "google.evil",
        "google.com.evil",
        "wwwgoogle.com",
        "google-com.example.org",
        "facebook.com.de.evil",
        "myt.co",
        "ax.com",
        "xn--ggle-55da.com",
        "google.co.uk.example.org",
        "evilyoutu.be",
    ],
)
def test_look_alikes_are_themselves(host: str):
    assert said(f"https://{host}/") == (host, "referral")
    assert said(query=f"?utm_source={host}") == (host, "campaign")


@given(st.sampled_from(PLAIN_HOSTS), LABEL)
def test_a_subdomain_of_a_listed_host_keeps_its_source(host: str, label: str):
    """Except where the lists name the subdomain itself: mail.google.com."""
    whole = f"{label}.{host}"
    assume(
        whole not in lists().hosts and f"{label}.{host.rpartition('.')[0]}.*" not in lists().hosts
    )
    parameter = next((f"?{one}=x" for e in lists().hosts[host] for one in e.parameters), "")
    path = lists().hosts[host][0].path

    asked = f"{path}{parameter}" if path or parameter else "/"
    bare, below = (origin(f"https://{one}{asked}") for one in (host, whole))

    assert (bare.source, bare.channel) == (below.source, below.channel)


@given(st.sampled_from(ANY_COUNTRY), COUNTRY, st.sampled_from(["", *sorted(SECOND_LABELS)]))
def test_a_host_of_any_country_has_the_source(host: str, country: str, second: str):
    entry = lists().hosts[f"{host}.*"][0]
    whole = ".".join(filter(None, (host, second, country)))
    assume(whole not in lists().hosts)

    found = origin(f"https://www.{whole}{entry.path}")

    assert found.source == entry.source.name


@given(st.sampled_from(PLAIN_HOSTS), LABEL)
def test_letters_glued_to_a_listed_host_never_match(host: str, glue: str):
    known = {entry.source.name for entry in lists().hosts[host]}
    for whole in (glue + host, f"{glue}-{host}", host + glue, f"{host}-{glue}"):
        if listed_source(whole) is None:
            assert origin(f"https://{whole}/").source == whole.removeprefix("www.")
            assert origin(f"https://{whole}/").source not in known
    glued = {whole for whole in (glue + host, host + glue) if whole in lists().hosts}
    assert all(listed_source(whole) for whole in glued)


@given(st.sampled_from(PLAIN_HOSTS), LABEL.filter(lambda label: label not in COUNTRIES))
def test_a_domain_below_which_a_listed_host_is_named_never_matches(host: str, label: str):
    whole = f"{host}.{label}-example"

    assert listed_source(whole) is None
    assert origin(f"https://{whole}/").source == whole


@given(st.text())
@example("javascript:alert(document.cookie)")
@example("data:text/html,<script>alert(1)</script>")
@example("https://" + "a" * 8192 + ".com/")
@example("https://google.com/?" + "x" * 8192)
@example("//[")
@example("https://[::1")
@example("https://\ud800.com/")
@example("http://google.com:99999999999999999999/")
@example("http://a\u2100b.com/")
@example("https://xn--a-ecp.com/")
def test_no_referrer_raises(text: str):
    for referrer in (
        text,
        f"https://{text}",
        f"https://google.com/{text}",
        f"android-app://{text}",
    ):
        found = origin(referrer)

        assert found.channel in CHANNELS
        assert len(found.source) <= 253
        assert found.source.isprintable()
        assert found.source.encode("utf-8").decode() == found.source


@given(st.text())
@example("utm_source=" + "a" * 8192)
@example("utm_source=%ff%fe&utm_medium=%00")
@example("&".join(f"utm_source{n}=x" for n in range(10_000)))
@example("utm_source=\ud800&gclid=\ud800")
@example("utm_source=%E2%80%AEgoogle")
def test_no_page_address_raises(text: str):
    for query in (f"?{text}", f"#{text}", f"?utm_source={text}&utm_medium={text}&gclid={text}"):
        found = origin(query=query)

        assert found.channel in CHANNELS
        for value in (found.source, found.utm_source, found.utm_medium, found.click_id):
            assert len(value) <= 200
            assert value.encode("utf-8").decode() == value


@pytest.mark.parametrize(
    "referrer",
    [
        "https://google.com",
        "HTTPS://WWW.GOOGLE.COM/",
        "https://google.com./",
        "https://google.com:443/search",
        "https://user:password@google.com/",
        "https://evil.example@google.com/",
        "  https://google.com/",
        "https:\\\\google.com\\search",
        "https:google.com",
        "https://google.com\\@example.org/",
        "https:////google.com/",
        "ht\ntps://goo\tgle.com/",
        "//google.com/",
        "https://\uff27oogle.com/",
        "https://%67oogle.com/",
        "https://google。com/",
    ],
)
def test_a_host_is_read_as_browsers_read_it(referrer: str):
    assert said(referrer) == ("Google", "search")


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "google.com",
        "javascript://google.com/%0aalert(1)",
        "data:text/html,https://google.com/",
        "about:blank",
        "file:///home/google.com",
        "blob:https://google.com/1",
        "chrome-extension://abcdefgh/",
        "https://",
        "https:///",
        "https://google..com/",
        "https://goo gle.com/",
        "https://google.com:port/",
        "https://[google.com]/",
        "ftp://google.com/",
        "android-app://",
    ],
)
def test_what_names_no_website_and_no_app_is_direct(referrer: str):
    assert said(referrer) == ("", "direct")


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        ("https://www.example.org/a", "example.org"),
        ("https://Blog.Example.org:8080/", "blog.example.org"),
        ("https://google.com@example.org/", "example.org"),
        ("https://example.org#@google.com/", "example.org"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://192.0.2.7:81/", "192.0.2.7"),
        ("https://[2001:db8::1]:81/", "[2001:db8::1]"),
        ("android-app://com.example.reader/", "com.example.reader"),
        ("http://com.google.android.gm/", "com.google.android.gm"),
    ],
)
def test_any_other_website_or_app_is_a_source_of_its_own(referrer: str, source: str):
    assert said(referrer) == (source, "referral")


@pytest.mark.parametrize(
    ("host", "channel"),
    [
        ("webmail.example.org", "email"),
        ("mail.example.org", "email"),
        ("mastodon.example.org", "social"),
        ("peertube.example.org", "video"),
        ("email-tips.example.org", "referral"),
        ("notmastodon.example.org", "referral"),
        ("example.mail.example.org", "referral"),
        ("mail", "referral"),
    ],
)
def test_the_first_label_of_a_host_may_tell_its_channel(host: str, channel: str):
    assert said(f"https://{host}/") == (host, channel)


@pytest.mark.parametrize(
    ("app", "referrer", "query", "expected"),
    [
        ("Instagram", "", "", ("Instagram", "social")),
        ("facebook", "", "", ("Facebook", "social")),
        ("Instagram", "", "?utm_source=newsletter", ("Newsletter", "email")),
        ("Instagram", "", "?fbclid=1", ("Instagram", "social")),
        ("Instagram", "", "?utm_medium=paid", ("Instagram", "paid_social")),
        ("Instagram", "https://l.facebook.com/", "", ("Facebook", "social")),
        ("Instagram", "https://example.com/a", "", ("", "internal")),
        ("webview", "", "", ("", "direct")),
        ("", "", "", ("", "direct")),
    ],
)
def test_the_app_of_a_built_in_browser_counts_where_nothing_else_is_known(
    app: str, referrer: str, query: str, expected: tuple[str, str]
):
    found = source_of(referrer, PAGE + query, HOSTS, app=app)

    assert (found.source, found.channel) == expected


def test_a_listed_path_counts_only_for_what_lies_below_it():
    assert said("https://x.com/i/grok") == ("Grok", "ai_assistant")
    assert said("https://x.com/i/grok/share/1") == ("Grok", "ai_assistant")
    assert said("https://x.com/i/groker") == ("Twitter", "social")
    assert said("https://x.com/") == ("Twitter", "social")


def test_a_portal_is_a_search_engine_only_with_the_parameter_of_its_search():
    assert said("https://www.cnn.com/search?query=ferries") == ("Google", "search")
    assert said("https://www.cnn.com/search?queryx=ferries") == ("cnn.com", "referral")
    assert said("https://www.cnn.com/world") == ("cnn.com", "referral")


@pytest.mark.parametrize(
    ("referrer", "query", "expected"),
    [
        ("https://www.example.com/a", "", ("", "internal")),
        ("https://example.com/a", "", ("", "internal")),
        ("https://shop.example.com/", "", ("", "internal")),
        ("http://localhost:8001/", "", ("", "internal")),
        ("http://localhost:8002/", "", ("localhost", "referral")),
        ("https://example.com.evil/", "", ("example.com.evil", "referral")),
        ("https://www.example.com/", "?utm_source=fb&utm_medium=cpc", ("Facebook", "paid_social")),
        ("https://www.google.com/", "?utm_source=nl-12&utm_medium=email", ("nl-12", "email")),
        ("https://t.co/a", "?utm_source=john", ("john", "social")),
        ("https://t.co/a", "?utm_campaign=spring", ("Twitter", "social")),
        ("", "?utm_campaign=spring", ("", "campaign")),
        ("", "?utm_source=(direct)&utm_medium=(none)", ("", "direct")),
        ("", "?utm_source={{site_source_name}}&utm_medium=paid", ("", "paid")),
        ("https://www.google.com/", "?utm_source=null", ("Google", "search")),
        ("", "?UTM_Source=Google&amp;utm_medium=CPC", ("Google", "paid_search")),
        ("", "?utm_source=&utm_source=bing", ("Bing", "search")),
        ("", "#utm_source=bing&utm_medium=cpc", ("Bing", "paid_search")),
        ("", "#/start?utm_source=bing", ("Bing", "search")),
        ("", "?page=2#utm_source=bing", ("Bing", "search")),
        ("", "?ref=producthunt", ("Product Hunt", "social")),
        ("", "?source=menu", ("", "direct")),
        ("", "?ref=tw", ("", "direct")),
        ("https://www.google.com/", "?ref=producthunt", ("Google", "search")),
        ("", "?utm_content=blue", ("", "campaign")),
        ("", "?utm_source=https://www.example.org/page", ("example.org", "campaign")),
    ],
)
def test_the_page_address_decides_before_the_referrer(
    referrer: str, query: str, expected: tuple[str, str]
):
    assert said(referrer, query) == expected


CLICKS = [
    ("gclid", "Google", "paid_search"),
    ("gbraid", "Google", "paid_search"),
    ("wbraid", "Google", "paid_search"),
    ("gad_campaignid", "Google", "paid_search"),
    ("gad_source", "Google", "paid_search"),
    ("msclkid", "Bing", "paid_search"),
    ("yclid", "Yandex", "paid_search"),
    ("dclid", "Google Ads", "display"),
    ("fbclid", "Facebook", "social"),
    ("igshid", "Instagram", "social"),
    ("ttclid", "TikTok", "paid_social"),
    ("twclid", "Twitter", "paid_social"),
    ("li_fat_id", "LinkedIn", "paid_social"),
    ("epik", "Pinterest", "paid_social"),
    ("ScCid", "Snapchat", "paid_social"),
    ("rdt_cid", "Reddit", "paid_social"),
    ("mc_eid", "Mailchimp", "email"),
    ("_kx", "Klaviyo", "email"),
    ("_hsenc", "HubSpot", "email"),
    ("awc", "Awin", "affiliate"),
    ("irclickid", "Impact", "affiliate"),
    ("srsltid", "Google", "search"),
]


@pytest.mark.parametrize(("name", "source", "channel"), CLICKS)
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_a_click_id_alone_names_its_source(name: str, source: str, channel: str, case):
    found = origin(query=f"?{case(name)}=Ab-9_x")

    assert (found.source, found.channel, found.click_id) == (source, channel, name)


def test_no_click_id_is_ever_part_of_the_origin():
    secret = "EAIaIQobChMI"
    query = "&".join(f"{one.name}={secret}" for one in CLICK_IDS)

    assert secret not in repr(origin("https://www.google.com/", f"?utm_source=google&{query}"))


@pytest.mark.parametrize(
    ("referrer", "query", "source", "channel", "click_id"),
    [
        ("https://www.google.de/", "?gclid=1", "Google", "paid_search", "gclid"),
        ("https://duckduckgo.com/", "?msclkid=1", "DuckDuckGo", "paid_search", "msclkid"),
        ("", "?gad_source=1&gad_campaignid=2", "Google", "paid_search", "gad_campaignid"),
        ("", "?gad_source=1&gclid=2", "Google", "paid_search", "gclid"),
        ("https://www.youtube.com/", "?gad_source=2", "YouTube", "paid_video", "gad_source"),
        ("https://www.facebook.com/", "?gad_source=1", "Facebook", "social", "gad_source"),
        ("https://www.youtube.com/", "?gclid=1", "YouTube", "paid_video", "gclid"),
        ("https://tracker.example.org/", "?gclid=1", "Google", "paid_search", "gclid"),
        ("https://www.facebook.com/", "?gclid=1", "Facebook", "social", "gclid"),
        ("https://l.facebook.com/", "?gclid=1&fbclid=2", "Facebook", "social", "fbclid"),
        ("https://l.instagram.com/", "?fbclid=1", "Instagram", "social", "fbclid"),
        ("https://blog.example.org/", "?fbclid=1", "blog.example.org", "referral", "fbclid"),
        ("https://blog.example.org/", "?mc_eid=1", "Mailchimp", "email", "mc_eid"),
        ("https://coupons.example.org/", "?awc=1", "coupons.example.org", "affiliate", "awc"),
        ("https://mail.google.com/", "?mc_eid=1", "Gmail", "email", "mc_eid"),
        ("https://www.facebook.com/", "?mc_eid=1", "Facebook", "social", "mc_eid"),
        ("", "?utm_source=fb&utm_medium=paid&fbclid=1", "Facebook", "paid_social", "fbclid"),
        ("", "?utm_source=newsletter&gclid=1", "Newsletter", "email", "gclid"),
        ("", "?utm_source=brand&gclid=1", "brand", "paid_search", "gclid"),
        ("", "?utm_source=google&utm_medium=organic&gclid=1", "Google", "paid_search", "gclid"),
        ("", "?gclid=", "", "direct", ""),
        ("", "?gclide=1&xgclid=2", "", "direct", ""),
    ],
)
def test_a_click_id_counts_unless_it_was_copied_with_the_address(
    referrer: str, query: str, source: str, channel: str, click_id: str
):
    found = origin(referrer, query)

    assert (found.source, found.channel, found.click_id) == (source, channel, click_id)


def test_the_five_parameters_are_kept_as_they_were_said():
    found = origin(
        query="?utm_source=Face+Book&utm_medium=CPC&utm_campaign=Spr%C3%BCche%202026"
        "&utm_term=b%26b&utm_content=%E2%80%AE%00blue"
    )

    assert (found.utm_source, found.utm_medium, found.utm_campaign) == (
        "Face Book",
        "CPC",
        "Sprüche 2026",
    )
    assert (found.utm_term, found.utm_content) == ("b&b", "blue")


@pytest.mark.parametrize(
    ("host", "spam"),
    [
        ("semalt.com", True),
        ("www.semalt.com", True),
        ("free.seo.semalt.com", True),
        ("QIWI.xyz", True),
        ("notsemalt.com", False),
        ("semalt.com.example.org", False),
        ("example.org", False),
        ("google.com", False),
    ],
)
def test_referrer_spam_is_told_by_whole_labels(host: str, spam: bool):
    assert origin(f"https://{host}/").spam is spam


def test_no_source_of_our_own_list_is_called_spam():
    entries = [one for kind in OURS.values() for hosts in kind.values() for one in hosts]
    hosts = {re.split("[/?]", one)[0].removesuffix(".*") for one in entries if ":" not in one}

    assert len(hosts) > 300
    assert [host for host in hosts if origin(f"https://{host}/").spam] == []


@given(
    st.sampled_from(
        ["example.com", "a.example.com", "www.example.com", "example.org", "localhost"]
    ),
    st.sampled_from(["", ":8001", ":80"]),
    st.lists(
        st.sampled_from(
            ["example.com", "www.example.com", "*.example.com", "localhost:8001", "*.com:8001"]
        ),
        max_size=3,
    ).map(tuple),
)
def test_internal_is_what_has_no_stored_referrer_host(host: str, port: str, hosts: tuple[str, ...]):
    referrer = f"https://{host}{port}/a"

    internal = source_of(referrer, PAGE, hosts).channel == "internal"

    assert internal is (outside_host(referrer, hosts) == "")


@given(st.text())
def test_a_referrer_that_is_read_has_a_plain_host(text: str):
    found = read_referrer(f"https://{text}/")

    assert found.host == found.host.lower()
    assert found.host.isascii()
    assert not set(found.host) & set(" /\\?#@%")


def test_long_referrers_and_addresses_are_not_remembered():
    long = "https://www.google.com/" + "a" * 100_000

    assert said(long) == ("Google", "search")
    assert said(query="?utm_source=bing&x=" + "a" * 100_000) == ("Bing", "search")


def test_an_app_that_some_browsers_send_as_a_host_is_that_app_where_it_can_be_no_host():
    for app, source in lists().apps.items():
        last = app.rpartition(".")[2]
        found = source_of(f"https://{app}/", PAGE, HOSTS).source
        if last == "android" or not is_listed_suffix(last):  # nobody else has hosts in `android`
            assert found == source.name, app
        elif app not in lists().hosts:
            assert found != source.name or found == app, app


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("deref-gmx.fr", "GMX"),
        ("lightmailer.gmx.co.uk", "GMX"),
        ("email.ionos.es", "Ionos Mail"),
        ("wmail.orange.fr", "Orange Mail"),
        ("rich-v02.bluewin.ch", "Bluewin Mail"),
        ("deref-example.net", "deref-example.net"),
        ("upcmail.example.net", "upcmail.example.net"),
        ("messageriepro3.example.net", "messageriepro3.example.net"),
    ],
)
def test_readers_of_mail_and_what_they_redirect_by_are_email(host: str, source: str):
    found = origin(f"https://{host}/")
    assert (found.source, found.channel) == (source, "email")


@pytest.mark.parametrize("host", ["snail.example.net", "messages.example.net", "deref.example.net"])
def test_what_only_resembles_a_reader_of_mail_is_a_referral(host: str):
    assert origin(f"https://{host}/").channel == "referral"


NAMES = st.sampled_from(["utm_source", "UTM_Medium", "amp;utm_term", "utm_content", "ref", "x"])
PAIRS = st.lists(st.tuples(NAMES, st.text("a{}%+&=@ \u200bäж.:/", max_size=8)), max_size=6)


@given(PAIRS, st.sampled_from("?#"))
def test_the_recorded_campaign_is_read_as_the_address_is(pairs: list[tuple[str, str]], sign: str):
    url = PAGE + sign + "&".join(f"{name}={quote(value)}" for name, value in pairs)
    found = campaign_of(url)
    again = campaign_of(f"{PAGE}?{campaign_query(url)}")

    assert tuple(recorded_campaign(url).values()) == found[:5]
    assert again == found._replace(clicks=(), ref="")


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("me@example.org", ":email"),
        ("me+news%40example.org", ":email"),
        ("me%2540example.org", ":email"),
        ("https://me:secret@example.org/x", "example.org"),
        ("https%3A%2F%2Fme%3Asecret%40example.org%2Fx", "example.org"),
        ("example.org/@me", "example.org/@me"),
    ],
)
def test_a_campaign_names_no_person(value: str, source: str):
    found = origin(query=f"?utm_source={value}&utm_medium=email")

    assert (found.source, found.channel) == (source, "email")
    assert "secret" not in found.utm_source
    assert "me@" not in found.utm_source


def test_a_campaign_of_performance_max_is_paid():
    assert origin(query="?utm_source=google&utm_medium=pmax").channel == "paid_search"
