"""The columns of an event, one a line: value, place, purpose, dimension, words.

A new line is all that a new column needs. The stored tables, enrichment, the column filter, the
policy's list, the overview, a visitor's page and file, and erasure follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

PURPOSE: Final = "statistics"
"""The built-in purpose: visit statistics. Every column that is about a visitor has a purpose."""

KINDS: tuple[str, ...] = ("", "page_view", "link_click")
"""The kinds of events; what is stored is the place in this list."""

READ_FROM: dict[str, str] = {
    "visit": "",
    "time": "happened_at",
    "page": "url",
    "query": "url",
    "referrer_host": "referrer",
    "agent": "user_agent",
    "language": "accept_language",
}
"""The field of a journal entry from which enrichment reads each thing that a source can name."""

Kept = Literal["key", "event", "profile"]
By = Literal["all", "views", "clicks", "visits", "events"]
Kind = Literal["path", "referrer", "link", "country", "language", "device", "attribute"]


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
    `agent.` what the user agent says, or one of the others in `READ_FROM`.

    `kept` says where it is stored: `event`, a text that an event has of its own; `profile`, a text
    that usually stays the same through a visit; `key`, no text but what makes up the event.

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
    purpose: Literal["statistics", ""] = PURPOSE
    type: Literal["string", "int32", "timestamp(6)"] = "string"
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
    Column("site_id", "entry.site_id", "key", "", "", purpose="", type="int32"),
    Column(
        "event_id", "entry.event_id", "key", "Event number",
        "A random number, so that nothing is recorded twice.",
    ),
    Column(
        "kind", "entry.kind", "key", "What happened",
        "Whether you opened a page or followed a link.",
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
        "link_url", "entry.link_url", "event", "Link followed",
        "The address of a link that you followed.",
        dimension=5, by="clicks", called="link",
        listed=Listed("clicks", "Clicks", "links", "link", heading="Link"),
    ),
    Column(
        "link_kind", "entry.link_kind", "event", "Kind of link",
        "Whether the link led within the website, to another one, or to a download.",
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
        "browser", "agent.browser", "profile", "Browser",
        "The name of your browser. Your browser sends it with every request; we read it and do"
        " not keep the rest of what it sends.",
        dimension=7, listed=Listed("browsers", "Browsers", "technology"),
    ),
    Column(
        "browser_version", "agent.browser_version", "profile", "Browser version",
        "The version of your browser.",
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
        "Whether it is a computer, a phone or a tablet.",
        dimension=9, listed=Listed("devices", "Devices", "technology", "device"),
    ),
    Column(
        "language", "language", "profile", "Language",
        "The language that your browser prefers.",
        dimension=10, listed=Listed("languages", "Languages", "people", "language"),
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
