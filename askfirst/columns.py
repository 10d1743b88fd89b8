"""The columns of an event, one a line: value, place, purpose, dimension, words.

A new line is all that a new column needs. The stored tables, enrichment, the column filter, the
policy's list, the overview, a visitor's page and file, and erasure follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

PURPOSE: Final = "statistics"
"""The built-in purpose: visit statistics. Every column that is about a visitor has a purpose."""
REVENUE: Final = "revenue"
"""The purpose of amounts of money, which an owner adds; without it they are not recorded."""

KINDS: tuple[str, ...] = (
    "",
    "page_view",
    "link_click",
    "engagement",
    "web_vitals",
    "form_submit",
    "custom_event",
)
"""The kinds of events; what is stored is the place in this list."""

NEEDED: dict[str, str] = {
    "link_click": "link_url",
    "engagement": "engaged_ms",
    "web_vitals": "lcp_ms",
    "form_submit": "form",
    "custom_event": "event_name",
}
"""The column without which an event of a kind says nothing, so that it is not recorded."""

READ_FROM: dict[str, str] = {
    "visit": "",
    "site": "site_id",
    "time": "happened_at",
    "page": "url",
    "query": "url",
    "parameters": "url",
    "referrer_host": "referrer",
    "agent": "user_agent",
    "language": "accept_language",
    "languages": "accept_language",
    "facts": "facts",
}
"""The field of a journal entry from which enrichment reads each thing that a source can name."""

Kept = Literal["key", "event", "profile", "number"]
By = Literal["all", "views", "clicks", "visits", "events"]
Kind = Literal[
    "path", "referrer", "source", "channel", "link", "country", "language", "device", "attribute"
]


@dataclass(frozen=True)
class Listed:
    """How the overview shows a dimension: `key` names it in the address, `card` is where it is.

    `heading` stands over the names, or else the column's title; `tab` is shorter than `title` where
    its neighbours say the rest; `kind` is how the template filter `listed` writes a name.
    """

    key: str
    title: str
    card: str
    kind: Kind = "attribute"
    heading: str = ""
    tab: str = ""


@dataclass(frozen=True)
class Column:
    """One column of an event.

    `source` is `THING.ATTRIBUTE` or `THING`: `entry.` a field of the journal entry, `page.` a part
    of the page's address, `query.` one of its parameters (which makes it part of the campaign),
    `agent.` what the user agent says, `facts.` what the entry has under that name, or
    one of the others in `READ_FROM`.

    `kept` says where it is stored: `event`, a text that an event has of its own; `profile`, a text
    that usually stays the same through a visit; `number`, a whole number that an event has of its
    own, 0 where there is none; `key`, none of these but what makes up the event.

    `title` and `text` are its words in English, which visitors read; the files of
    `consent/policy/languages` have translations by `name`. The owner of a site may move it to
    another purpose. Without a purpose it says nothing about a visitor, and has no words.

    `dimension` is the number by which summaries count it, 0 where they do not; a number is never
    used again. `by` is what they count (see `Dimension`); for `visits` the stored table `visits`
    has the column, too. `called` is the name of the dimension if that is not `name`.
    """

    name: str
    source: str
    kept: Kept
    title: str
    text: str
    purpose: Literal["statistics", "revenue", ""] = PURPOSE
    type: Literal["string", "int32", "int64", "timestamp(6)"] = "string"
    dimension: int = 0
    by: By = "events"
    called: str = ""
    listed: Listed | None = None

    @property
    def thing(self) -> str:
        """What `source` names before the dot."""
        return self.source.partition(".")[0]

    @property
    def attribute(self) -> str:
        """What `source` names behind the dot, or ''."""
        return self.source.partition(".")[2]

    @property
    def field(self) -> str:
        """The field of a journal entry that it is read from; '' for the visit."""
        return self.attribute if self.thing == "entry" else READ_FROM[self.thing]

    @property
    def is_fixed(self) -> bool:
        """Whether it makes up the event, so that it stays with the visit statistics."""
        return self.kept == "key" or self.thing == "page"


def nothing_of(one: Column) -> str | int:
    """Return what a column has of an event that has none of it: 0 of a number, else ''."""
    return 0 if one.kept == "number" else ""


@dataclass(frozen=True)
class Dimension:
    """What summaries count by, under `number`.

    Values are keys of the column `texts` in the table `texts`, and stand in the column `column` of
    `events`, `profiles` or `visits` (`kept`: `event`, `profile` or `visit`).

    `by` says what is counted beside distinct visitors: `views`, page views with the value and who
    viewed; `clicks`, link clicks and who clicked; `visits`, visits and whose they are; `events`,
    page views, and the visitors of any event with the value; `all`, everything (value 0).
    """

    number: int
    name: str
    texts: str
    column: str
    kept: Literal["event", "profile", "visit", ""]
    by: By
    heading: str
    listed: Listed | None = None


COLUMNS: tuple[Column, ...] = (
    Column("site_id", "site", "key", "", "", purpose="", type="int32"),
    Column(
        "event_id", "entry.event_id", "key", "Event number",
        "A random number, so that nothing is recorded twice.",
    ),
    Column(
        "kind", "entry.kind", "key", "What happened",
        "Whether a page was opened, loaded or read, or you followed a link, sent a form or did"
        " something else.",
    ),
    Column(
        "time", "time", "key", "Time", "When it happened, by our clock.", type="timestamp(6)",
    ),
    Column(
        "visitor_id", "entry.visitor_id", "key", "Visitor number",
        "A random number made when you accept. It holds nothing about you and is used on this"
        " website only.",
    ),
    Column(
        "visit_id", "visit", "key", "Visit number",
        "A random number that joins the pages of one visit.",
    ),
    Column(
        "consent_id", "entry.consent_id", "key", "Consent",
        "The number of the consent that allows this entry.",
    ),
    Column(
        "policy_version", "entry.policy_version", "key", "Policy version",
        "The version of this policy that you accepted.", type="int32",
    ),
    Column(
        "host", "page.host", "event", "Website address",
        "The host name of the website you visited.",
    ),
    Column(
        "path", "page.path", "event", "Page",
        "The address of the page, without what follows a question mark.",
        dimension=1, by="views", listed=Listed("pages", "Pages", "pages", "path"),
    ),
    Column(
        "query", "parameters", "event", "Rest of the address",
        "What follows the question mark, only as far as it tells pages of this website apart.",
    ),
    Column(
        "title", "facts.title", "event", "Page title",
        "The title of the page, as its tab shows it.",
    ),
    Column(
        "canonical", "facts.canonical", "event", "Main address of the page",
        "The address that the page names as its own, where it is another one.",
    ),
    Column(
        "status", "facts.status", "number", "Page found or not",
        "The number with which the website answered, such as 404 for a page that does not exist.",
        type="int32",
    ),
    Column(
        "referrer", "entry.referrer", "event", "Page before",
        "The address of the page from which you came, if your browser passes it on.",
    ),
    Column(
        "referrer_host", "referrer_host", "event", "Website before",
        "The website from which you came.",
        dimension=4, by="visits", called="referrer",
        listed=Listed("referrers", "Referrers", "sources", "referrer", heading="Site"),
    ),
    Column(
        "utm_source", "query.utm_source", "event", "Campaign source",
        "Where a marked link stood, as the link itself says.",
    ),
    Column(
        "utm_medium", "query.utm_medium", "event", "Campaign medium",
        "What kind of link it was, as the link itself says.",
    ),
    Column(
        "utm_campaign", "query.utm_campaign", "event", "Campaign name",
        "The campaign, as the link itself says.",
    ),
    Column(
        "utm_term", "query.utm_term", "event", "Campaign term",
        "The search words for which a marked link was bought, as the link itself says.",
    ),
    Column(
        "utm_content", "query.utm_content", "event", "Campaign content",
        "Which of several marked links it was, as the link itself says.",
    ),
    Column(
        "click_id", "facts.click_id", "event", "Kind of advertisement",
        "Which advertising service marked the link that you followed. The mark itself, which could"
        " identify you, is not kept.",
    ),
    Column(
        "source", "facts.source", "event", "Source",
        "From which service you came, for example a search engine.",
        dimension=11, by="visits", listed=Listed("sources", "Sources", "sources", "source"),
    ),
    Column(
        "channel", "facts.channel", "event", "Channel",
        "What kind of source that is: search, social network, e-mail, advertisement and so on.",
        dimension=12, by="visits", listed=Listed("channels", "Channels", "sources", "channel"),
    ),
    Column(
        "link_url", "entry.link_url", "event", "Link followed",
        "The address of a link that you followed.",
        dimension=5, by="clicks", called="link",
        listed=Listed("clicks", "Clicks", "links", "link", heading="Link"),
    ),
    Column(
        "link_kind", "entry.link_kind", "event", "Kind of link",
        "Whether the link led within the website, to another one, to a download, to an e-mail"
        " address or to a telephone number.",
    ),
    Column(
        "engaged_ms", "facts.engaged_ms", "number", "Reading time",
        "How long the page was in front of you.", type="int32",
    ),
    Column(
        "scroll_from", "facts.scroll_from", "number", "Scrolled before",
        "How far down you had been on the page before.", type="int32",
    ),
    Column(
        "scroll", "facts.scroll", "number", "Scrolled to", "How far down the page you have been.",
        type="int32",
    ),
    Column(
        "lcp_ms", "facts.lcp_ms", "number", "Loading time",
        "How long the largest part of the page took to appear (LCP).", type="int32",
    ),
    Column(
        "inp_ms", "facts.inp_ms", "number", "Response time",
        "How long the page took to respond to clicks and keys (INP).", type="int32",
    ),
    Column(
        "cls", "facts.cls", "number", "Layout shift",
        "How much parts of the page moved while it loaded (CLS).", type="int32",
    ),
    Column(
        "ttfb_ms", "facts.ttfb_ms", "number", "Server time",
        "How long the website took to begin its answer (TTFB).", type="int32",
    ),
    Column(
        "form", "facts.form", "event", "Form sent",
        "Which form you sent, by its name on the page. Nothing of what you wrote in it.",
    ),
    Column(
        "event_name", "facts.event_name", "event", "Action",
        "What you did, where this website marks it, for example “play”.",
    ),
    Column(
        "event_props", "facts.event_props", "event", "Details of the action",
        "What this website notes about such an action, for example which video it was.",
    ),
    Column(
        "amount", "facts.amount", "number", "Amount", "How much you paid or donated.",
        type="int64", purpose="revenue",
    ),
    Column(
        "currency", "facts.currency", "event", "Currency", "In which currency that was.",
        purpose="revenue",
    ),
    Column(
        "ip", "entry.ip", "profile", "IP address",
        "The internet address of your connection, whole.",
    ),
    Column(
        "country", "entry.country", "profile", "Country",
        "The country of your internet address, looked up on our own server.",
        dimension=6, listed=Listed("countries", "Countries", "people", "country"),
    ),
    Column(
        "region", "facts.region", "profile", "Region",
        "The region of your internet address, looked up on our own server.",
    ),
    Column(
        "city", "facts.city", "profile", "City",
        "The approximate city of your internet address, looked up on our own server.",
    ),
    Column(
        "browser", "agent.browser", "profile", "Browser",
        "The name of your browser. Your browser describes itself with every request; we read what"
        " is named here and do not keep the rest.",
        dimension=7, listed=Listed("browsers", "Browsers", "technology"),
    ),
    Column(
        "browser_version", "agent.browser_version", "profile", "Browser version",
        "The version of your browser.",
    ),
    Column(
        "browser_variant", "agent.browser_variant", "profile", "Kind of browser",
        "For example its form for phones, or the app in which it opened the page.",
    ),
    Column(
        "os", "agent.os", "profile", "Operating system", "For example Windows or Android.",
        dimension=8, listed=Listed(
            "operating-systems", "Operating systems", "technology", heading="System", tab="Systems"
        ),
    ),
    Column(
        "os_version", "agent.os_version", "profile", "Operating system version",
        "The version of your operating system.",
    ),
    Column(
        "device", "agent.device", "profile", "Device",
        "Whether it is a computer, a phone, a tablet, a television, a game console, a watch, a car"
        " or a reader.",
        dimension=9, listed=Listed("devices", "Devices", "technology", "device"),
    ),
    Column(
        "language", "language", "profile", "Language",
        "The language that your browser prefers most.",
        dimension=10, listed=Listed("languages", "Languages", "people", "language"),
    ),
    Column(
        "languages", "languages", "profile", "All languages",
        "The languages that your browser asks for, in their order.",
    ),
    Column(
        "screen", "facts.screen", "profile", "Screen size",
        "The width and height of your screen.",
    ),
    Column(
        "bot_rule", "entry.rule", "profile", "Taken for a program",
        "Why your browser was taken for a program that reads pages by itself, if it was. Such"
        " entries are left out of the reports.",
    ),
)  # fmt: skip
"""The columns, in the order that batches, exports and policies have. An unknown text is ''."""

_NOT_OF_A_COLUMN = (
    Dimension(0, "all", "", "", "", "all", ""),
    Dimension(
        2, "entry", "path", "entry", "visit", "visits", "Page",
        Listed("entry-pages", "Entry pages", "pages", "path", tab="Entry"),
    ),
    Dimension(
        3, "leaving", "path", "leaving", "visit", "visits", "Page",
        Listed("exit-pages", "Exit pages", "pages", "path", tab="Exit"),
    ),
)  # fmt: skip


def _dimension(one: Column) -> Dimension:
    kept: Literal["event", "profile", "visit"] = "profile" if one.kept == "profile" else "event"
    return Dimension(
        number=one.dimension,
        name=one.called or one.name,
        texts=one.name,
        column=one.name,
        kept="visit" if one.by == "visits" else kept,
        by=one.by,
        heading=(one.listed.heading if one.listed else "") or one.title,
        listed=one.listed,
    )


def _dimensions() -> dict[str, Dimension]:
    of_columns = (_dimension(one) for one in COLUMNS if one.dimension)
    ordered = sorted((*_NOT_OF_A_COLUMN, *of_columns), key=lambda one: one.number)
    return {one.name: one for one in ordered}


def _names(chosen: Callable[[Column], bool]) -> tuple[str, ...]:
    return tuple(one.name for one in COLUMNS if chosen(one))


DIMENSIONS: dict[str, Dimension] = _dimensions()
"""What summaries count by: all, path, entry, leaving, referrer, link, country ... by number."""

EVENT_COLUMNS: dict[str, str] = {one.name: one.type for one in COLUMNS}
"""The columns of a row as it is exported, and their Ibis types. `time` is UTC."""

EVENT_TEXTS = _names(lambda one: one.kept == "event")
"""Texts that an event has of its own."""
PROFILE_TEXTS = _names(lambda one: one.kept == "profile")
"""Texts that usually stay the same through a visit."""
EVENT_NUMBERS = _names(lambda one: one.kept == "number")
"""Whole numbers that an event has of its own; 0 where there is none."""

HIDDEN_COLUMNS = frozenset(_names(lambda one: not one.purpose))
"""Columns that say nothing about a visitor, so no policy names them."""
FIXED_COLUMNS = frozenset(_names(lambda one: bool(one.purpose) and one.is_fixed))
"""Columns that make up an event; they stay with the visit statistics."""
CAMPAIGN_COLUMNS = _names(lambda one: one.thing == "query")
"""Columns that are read from the query of a page's address."""
AGENT_COLUMNS = _names(lambda one: one.thing == "agent")
"""Columns that are read from one header, so one purpose has all of them."""
LINK_COLUMNS = _names(lambda one: one.field.startswith("link_"))
"""Columns of a clicked link: its address reveals its kind, so one purpose has both."""
ORIGIN_COLUMNS = _names(lambda one: one.name in ("referrer_host", "source", "channel"))
"""Columns of where a visitor came from: each reveals the next, so one purpose has them all."""
LANGUAGE_COLUMNS = _names(lambda one: one.field == "accept_language")
"""Columns that are read from the header of languages, so one purpose has them all."""
MONEY_COLUMNS = _names(lambda one: one.purpose == REVENUE)
"""Columns of an amount of money, which means nothing without its currency."""
