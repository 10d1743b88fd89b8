"""What a column of an event is: its value, place, purpose, dimension and words."""

from dataclasses import dataclass
from typing import Final, Literal

PURPOSE: Final = "statistics"
"""The built-in purpose: visit statistics. Every column that is about a visitor has a purpose."""
REVENUE: Final = "revenue"
"""The purpose of amounts of money, which an owner adds; without it they are not recorded."""

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
    another purpose. Without a purpose it says no more than others do, and has no words.

    `in_thousandths`: a number that is kept as whole thousandths, 19,990 for 19.99.

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
    in_thousandths: bool = False
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
        """Whether it makes up the event, so that it stays with the visit statistics.

        What has no purpose of its own belongs to other columns, which are covered or empty.
        """
        return self.kept == "key" or self.thing == "page" or not self.purpose


def nothing_of(one: Column) -> str | int:
    """Return what a column has of an event that has none of it: 0 of a number, else ''."""
    return 0 if one.kept == "number" else ""
