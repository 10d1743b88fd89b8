"""A worker's stand-in for the stores of the server: sends what is put there, takes the answers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import AskfirstError, Refused, TooFast, Unavailable
from askfirst.events import JournalEntry
from collector.app import OnStored, encoded
from server.workers.relay import STORED, Accepted, FromServer, FromWorker, Stream

log = structlog.get_logger()

_TALLIED_EVERY = 0.5  # seconds
_MOST_BYTES = 64 << 20  # of entries that wait for the server, as many as wait in its journal
_AT_THE_CEILING = 3600  # seconds until a site that had its day's events may be tried again
_JUDGED_BY_THE_SERVER = (Reason.WITHDRAWN, Reason.UNKNOWN_SITE)


class ServerStores:
    """Stands in a worker for the server's journal and tallies, and sends what is put there."""

    def __init__(
        self, most: int, sites_changed: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self.stream = Stream(FromServer, self._received, self._lost)
        self._most = most
        self._sites_changed = sites_changed
        self._tell_lost = lost
        self._gone = False
        self._number = 0
        self._waiting: dict[int, tuple[OnStored, int]] = {}
        self._bytes = 0
        self._accepted: list[Accepted] = []
        self._tallied: Counter[tuple[int, str]] = Counter()
        self._events: list[tuple[int, str, list[str]]] = []
        self._is_timed = False  # whether tallies are sent within half a second in any case

    def say_serving(self) -> None:
        """Tell the server that this worker is serving."""
        self.stream.send(FromWorker([], []))

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when too many events wait for the server, or it is gone."""
        too_many = len(self._waiting) >= self._most or self._bytes > _MOST_BYTES
        if self._gone or too_many:
            raise Unavailable("Too many events are waiting to be stored.", retry_after=1)

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, then: OnStored) -> None:
        """Send entries of one consent to be stored; `then` is called once, with the outcome."""
        self.refuse_if_full()
        self._number += 1
        body = encoded(entries)
        self._waiting[self._number] = then, len(body)
        self._bytes += len(body)
        ids = [entry.event_id for entry in entries]
        if not self._accepted:
            asyncio.get_running_loop().call_soon(self.flush)
        of = entries[0].site_id, entries[0].consent_id
        self._accepted.append(Accepted(self._number, *of, arrived_at, ids, body))

    def add(self, site_id: int, reason: str, count: int = 1) -> None:
        """Count a reason for a site; the server gets it within half a second."""
        self._tallied[site_id, reason] += count
        self._send_soon()

    def add_events(self, site_id: int, reason: str, event_ids: Sequence[str]) -> None:
        """Count events for a site; the server, which hears all workers, counts each once."""
        self._events.append((site_id, reason, list(event_ids)))
        self._send_soon()

    def _send_soon(self) -> None:
        if not self._is_timed:
            self._is_timed = True
            asyncio.get_running_loop().call_later(_TALLIED_EVERY, self._send_in_time)

    def _send_in_time(self) -> None:
        self._is_timed = False
        self._send()

    def flush(self) -> None:
        """Send what is to be stored, now that nothing more comes soon, and the tallies with it.

        Tallies alone wait for their time: each refusal of a flood would cost a message.
        """
        if self._accepted:
            self._send()

    def close(self) -> None:
        """Send what is left, and end the stream."""
        self._send()
        self.stream.close()

    def _send(self) -> None:
        if self._accepted or self._tallied or self._events:
            tallied = [(site_id, reason, n) for (site_id, reason), n in self._tallied.items()]
            self.stream.send(FromWorker(self._accepted, tallied, self._events))
            self._accepted, self._tallied, self._events = [], Counter(), []

    def _received(self, message: FromServer) -> None:
        if message.sites_changed:
            self._sites_changed()
        for numbers, code in message.answers:
            for number in numbers:
                self._tell(number, code)

    def _lost(self) -> None:
        self._gone = True
        for number in list(self._waiting):
            self._tell(number, Unavailable.code)
        self._tell_lost()

    def _tell(self, number: int, code: str) -> None:
        then, length = self._waiting.pop(number)
        self._bytes -= length
        try:
            then(_error_of(code))
        except Exception as error:  # the others are told all the same
            log.exception("internal_error", where="answer", why=type(error).__name__)


def _error_of(code: str) -> AskfirstError | None:
    if code == STORED:
        return None
    if code in _JUDGED_BY_THE_SERVER:
        return Refused(code, REASON_SENTENCES[Reason(code)])
    if code == Reason.TOO_FAST:
        return TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=_AT_THE_CEILING)
    return Unavailable("The journal could not be written.", retry_after=5)
