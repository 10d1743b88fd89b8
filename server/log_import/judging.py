"""Whether a line is recorded: by the gate that judges events, at the time of the line."""

from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from askfirst.clock import as_datetime
from askfirst.consents import Claims, Reason, Tokens
from askfirst.events import JournalEntry
from askfirst.recording_rules import PREFETCH
from askfirst.sites import Site
from askfirst.web.ip_addresses import plain_address
from collector.enrichment.sources.addresses import is_referrer
from collector.intake.bot_rules import hints_in, rule_of
from collector.intake.gate import Arrival, judge_request
from collector.intake.judging import PlaceOf, judged
from collector.intake.payload import WirePayload
from collector.intake.wire_events import ID_LENGTH, LONGEST_URL, PageView, problem_of
from consent.http.cookie import NO, OLDER_NAME, cookie_name
from server.log_import.event_ids import EventIds
from server.log_import.line import BrokenLine, LogLine, choice_of
from server.log_import.pages import is_page_view, page_address
from server.maintenance.retention import Limit

NOT_A_PAGE = "not_a_page"
"""The tally of lines that are of no page: images, forms that are sent, redirects, errors."""

_NO_LOAD = (NOT_A_PAGE, Reason.BOT, Reason.BAD_ORIGIN)
"""Of lines that are no load of the site's pages by a browser."""
_LONGEST_AGENT = 512
_FOUND, _NOT_FOUND = 200, 404
_NO_ID = "-" * ID_LENGTH


@dataclass(frozen=True)
class Dependencies:
    """What judging takes: the site, its present consents, and what the server uses for events.

    `host` is that of pages whose line names none; `limits` say which events are deleted by now.
    """

    site: Site
    host: str
    now: int
    tokens: Tokens
    withdrawn: Container[str]
    place_of: PlaceOf
    limits: tuple[Limit, ...]


class Judge:
    """Judges lines; a line that may be recorded becomes an entry as the journal would hold it.

    Whether the record of its consent exists is asked later, for many at once (`consents.py`).
    """

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._claims_of = lru_cache(maxsize=16_384)(deps.tokens.read_provable)
        self._names = (cookie_name(deps.site.key), OLDER_NAME)

    def entry_of(self, line: LogLine, content: bytes, ids: EventIds) -> JournalEntry | str:
        """Return the entry of a line with this content, or the reason why there is none.

        Raises `BrokenLine` where its values cannot be.
        """
        if line.time > self._deps.now:
            raise BrokenLine("The time lies in the future.")
        if not is_page_view(line):
            return NOT_A_PAGE
        site, token = self._deps.site, self._token_of(line)
        arrival, event = self._arrival(line), self._event(line)
        claims = self._claims_of(token) if token else None
        if reason := judge_request(arrival, site, token, claims, self._deps.withdrawn):
            return reason
        assert claims is not None  # noqa: S101 - else it was refused
        if self._is_gone(line.time, claims):
            return Reason.TOO_OLD
        payload = WirePayload(site=site.key, token=token, events=[event])
        found = judged(payload, arrival, site, claims, self._deps.place_of)
        if not found.entries:
            return found.ruling.refused or Reason.OTHER_PURPOSE
        return msgspec.structs.replace(found.entries[0], event_id=ids.id_of(content))

    def is_load(self, line: LogLine, found: JournalEntry | str) -> bool:
        """Return whether a line that became `found` is a page load as the tag counts loads.

        What names itself a program, or loads a page ahead, is none.
        """
        if found in _NO_LOAD:
            return False
        arrival, nobody = self._arrival(line), WirePayload(site=self._deps.site.key, events=[])
        rule = rule_of(arrival, hints_in(arrival, nobody), nobody, ())
        return rule != PREFETCH and not self._deps.site.rules.leaves_out(rule)

    def _token_of(self, line: LogLine) -> str:
        """Return the token that the visitor's browser sent, '' where there is none; a no wins."""
        own, older = self._names
        values = [line.token] if line.token else choice_of(line.cookies, (own,))
        if not values:
            values = [one for one in choice_of(line.cookies, (older,)) if self._is_own(one)]
        return "" if NO in values else next(iter(values), "")

    def _is_own(self, value: str) -> bool:
        claims = self._claims_of(value)
        return value == NO or (claims is not None and claims.site_id == self._deps.site.id)

    def _arrival(self, line: LogLine) -> Arrival:
        return Arrival(
            line.time,
            page_address(line, self._deps.host),
            plain_address(line.ip),
            line.user_agent[:_LONGEST_AGENT],
            line.accept_language,
            line.gpc,
            hint_headers=line.hint_headers,
            prefetch=line.prefetch,
            from_browser=line.user_agent != "",
        )

    def _event(self, line: LogLine) -> PageView:
        fields = {
            "id": _NO_ID,
            "age": 0,
            "url": page_address(line, self._deps.host),
            "referrer": _referrer_of(line),
            "status": _NOT_FOUND if line.status == _NOT_FOUND else _FOUND,
        }
        try:
            event = msgspec.convert(fields, PageView)
        except msgspec.ValidationError as error:
            raise BrokenLine("An address is longer than any that is recorded.") from error
        if problem_of(event):
            raise BrokenLine("The address is none that a page can have.")
        return event

    def _is_gone(self, time: int, claims: Claims) -> bool:
        moment = as_datetime(time).replace(tzinfo=None)
        return any(
            moment < limit.before and limit.version in (None, claims.policy_version)
            for limit in self._deps.limits
        )


def _referrer_of(line: LogLine) -> str:
    """Return the header of referrers, into which scripts put anything at all, where it is one."""
    is_one = len(line.referrer) <= LONGEST_URL and is_referrer(line.referrer)
    return line.referrer if is_one else ""
