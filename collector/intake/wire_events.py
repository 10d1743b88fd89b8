"""The events of a request, one class for each kind, with their field names and limits."""

import re
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from askfirst.events import EventKind, Facts, LinkKind
from askfirst.text.text_cache import remembered
from askfirst.web.recorded_urls import web_host
from collector.enrichment.sources.addresses import is_referrer
from collector.intake.event_facts import Currency, Props, amount_facts, props_fact, said_text

LONGEST_URL = 8192
ID_LENGTH = 22
_LONGEST_TITLE = 300
_LONGEST_NAME = 64
_DAY_MS = 86_400_000

_PAGE = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
_MAIL_OR_TELEPHONE = re.compile(r"(?:mailto|tel):[^\x00-\x20\x7f?#]*", re.IGNORECASE)
_NO_REFERRER = "Expected an address with its scheme, a host, or nothing."

EventId = Annotated[str, Meta(min_length=ID_LENGTH, max_length=ID_LENGTH)]
Address = Annotated[str, Meta(max_length=LONGEST_URL)]
_Milliseconds = Annotated[int, Meta(ge=0, le=_DAY_MS)]
_Percent = Annotated[int, Meta(ge=0, le=100)]

_Problem = tuple[str, str] | None
"""The field that is wrong and a sentence about it."""


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every event has. `age` is how many milliseconds ago it happened, by the page's clock."""

    kind: ClassVar[EventKind]

    id: EventId
    age: Annotated[int, Meta(ge=0)]
    url: Address

    def facts(self) -> Facts:
        """Return what only this kind of event has, by the name of the column."""
        return {}

    def problem(self) -> _Problem:
        """Return what is wrong with it, or None."""
        return None


class PageView(_Event, frozen=True, forbid_unknown_fields=True, tag="page_view"):
    """A page was seen. `status` is the HTTP status of the page, where the browser tells it."""

    kind: ClassVar[EventKind] = "page_view"

    referrer: Address = ""
    title: str = ""
    canonical: str = ""
    status: Annotated[int, Meta(ge=100, le=599)] | None = None

    def facts(self) -> Facts:
        """Return title, canonical address and status, as far as there are any.

        Pages are full of canonical addresses that are none, such as an unfilled template's, and
        some have a text of a book for their title: the view counts without the one, and with the
        beginning of the other. How long they may be is limited by the body.
        """
        if not (self.title or self.canonical or self.status):
            return {}
        return {
            name: value
            for name, value in (
                ("title", said_text(self.title, _LONGEST_TITLE)),
                ("canonical", self.canonical if _is_canonical(self.canonical) else ""),
                ("status", self.status),
            )
            if value
        }

    def problem(self) -> _Problem:
        """Check the addresses."""
        if not _is_referrer(self.referrer):
            return "referrer", _NO_REFERRER
        return None


class LinkClick(_Event, frozen=True, forbid_unknown_fields=True, tag="link_click"):
    """A link was followed."""

    kind: ClassVar[EventKind] = "link_click"

    link_url: Address
    link_kind: LinkKind
    referrer: Address = ""

    def problem(self) -> _Problem:
        """Check the link."""
        if not _is_referrer(self.referrer):
            return "referrer", _NO_REFERRER
        if self.link_kind in ("mail", "telephone"):
            if not _MAIL_OR_TELEPHONE.fullmatch(self.link_url):
                return "link_url", "Expected an address that begins with mailto: or tel:."
        elif not _is_page(self.link_url):
            return "link_url", "A link click needs the web address of the link."
        return None


class Engagement(_Event, frozen=True, forbid_unknown_fields=True, tag="engagement"):
    """A page was in front of its visitor for some time, and was scrolled.

    `engaged_ms` counts from the last such event of the view; `scroll` is the deepest part of the
    page that was seen, in percent, and `scroll_from` what it was at the last such event.
    """

    kind: ClassVar[EventKind] = "engagement"

    engaged_ms: _Milliseconds
    scroll_from: _Percent = 0
    scroll: _Percent = 0

    def facts(self) -> Facts:
        """Return the numbers."""
        return {
            "engaged_ms": self.engaged_ms,
            "scroll_from": self.scroll_from,
            "scroll": self.scroll,
        }

    def problem(self) -> _Problem:
        """Check that nobody scrolled back."""
        if self.scroll < self.scroll_from:
            return "scroll", "Expected at least what scroll_from says."
        return None


class WebVitals(_Event, frozen=True, forbid_unknown_fields=True, tag="web_vitals"):
    """How a page loaded, in milliseconds; `cls` in thousandths (https://web.dev/articles/vitals)."""

    kind: ClassVar[EventKind] = "web_vitals"

    lcp_ms: _Milliseconds | None = None
    inp_ms: _Milliseconds | None = None
    cls: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    ttfb_ms: _Milliseconds | None = None

    def facts(self) -> Facts:
        """Return what was measured; a measured 0 is 1, because a stored 0 is none."""
        found = {name: getattr(self, name) for name in ("lcp_ms", "inp_ms", "cls", "ttfb_ms")}
        return {name: max(value, 1) for name, value in found.items() if value is not None}

    def problem(self) -> _Problem:
        """Check that something was measured."""
        return None if self.facts() else ("lcp_ms", "Expected at least one measurement.")


class FormSubmit(_Event, frozen=True, forbid_unknown_fields=True, tag="form_submit"):
    """A form was sent; `form` is its id or name."""

    kind: ClassVar[EventKind] = "form_submit"

    form: str = ""

    def facts(self) -> Facts:
        """Return the form's name, `-` where it has none."""
        return {"form": said_text(self.form, _LONGEST_NAME) or "-"}


class CustomEvent(_Event, frozen=True, forbid_unknown_fields=True, tag="custom_event"):
    """Something that the site's owner marks; `amount` is in units of `currency` (ISO 4217)."""

    kind: ClassVar[EventKind] = "custom_event"

    name: Annotated[str, Meta(min_length=1, max_length=_LONGEST_NAME)]
    props: Props = {}
    amount: float | None = None
    currency: Currency | None = None

    def facts(self) -> Facts:
        """Return the name, the properties as canonical JSON, and the amount in thousandths."""
        return {
            "event_name": said_text(self.name, _LONGEST_NAME),
            **props_fact(self.props),
            **amount_facts(self.amount, self.currency),
        }

    def problem(self) -> _Problem:
        """Check the name and what goes with it."""
        if not said_text(self.name, _LONGEST_NAME):
            return "name", "Expected a name of printable characters."
        try:
            self.facts()
        except ValueError as error:
            field, sentence = error.args
            return field, sentence
        return None


WireEvent = PageView | LinkClick | Engagement | WebVitals | FormSubmit | CustomEvent


def problem_of(event: WireEvent) -> _Problem:
    """Return what is wrong with an event: the field, and a sentence about it; or None."""
    if not _is_page(event.url):
        return "url", "Expected a web address with a host."
    return event.problem()


@remembered(4096)
def _is_page(url: str) -> bool:
    return _PAGE.fullmatch(url) is not None and web_host(url) is not None


def _is_canonical(text: str) -> bool:
    return len(text) <= LONGEST_URL and _is_page(text)


@remembered(4096)
def _is_referrer(address: str) -> bool:
    return is_referrer(address)
