"""Storing what a worker has accepted: one put and one answer for all events of a message."""

from collections.abc import Callable, Sequence

from askfirst.consents import Reason
from askfirst.errors import AskfirstError, TooFast, Unavailable
from server.services import Services
from server.workers.relay import STORED, Accepted

Answer = Callable[[list[tuple[list[int], str]]], None]
"""Answers requests: their numbers, by a code that is `STORED` or that of an error."""


def store(services: Services, accepted: Sequence[Accepted], answer: Answer) -> None:
    """Put what is not refused into the journal, and answer when it is durable.

    What is refused, because of its consent, its site or for lack of room, is answered at once, all
    of it together. What there is no room for is not counted: it comes again.
    """
    room = services.admission.room()
    admitted: list[Accepted] = []
    refused: dict[str, list[int]] = {}
    if len(accepted) > room:
        refused[Unavailable.code] = [one.number for one in accepted[room:]]
    for one in accepted[:room]:
        if code := _refused(services, one):
            refused.setdefault(code, []).append(one.number)
        else:
            admitted.append(one)
    if refused:
        answer([(numbers, code) for code, numbers in refused.items()])
    if admitted:
        _put(services, admitted, answer)


def _refused(services: Services, one: Accepted) -> str:
    """Return why: the consent was withdrawn, the site deleted or too busy; or ''."""
    if one.consent_id in services.withdrawn:
        return Reason.WITHDRAWN
    if services.book.by_id(one.site_id) is None:
        return Reason.UNKNOWN_SITE
    try:
        services.admission.admit(one.site_id, len(one.ids), one.arrived_at)
    except TooFast as error:
        return error.code
    return ""


def _put(services: Services, admitted: Sequence[Accepted], answer: Answer) -> None:
    """Put the events into the journal, which stores all of them or none."""
    ids = [event_id for one in admitted for event_id in one.ids]
    arrived_at = max(one.arrived_at for one in admitted)
    body = b",".join([one.body for one in admitted])
    numbers = [one.number for one in admitted]

    def then(error: AskfirstError | None) -> None:
        answer([(numbers, error.code if error else STORED)])

    services.admission.store(ids, arrived_at, body, then, len(admitted))
