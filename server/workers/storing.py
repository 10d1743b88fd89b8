"""Storing what a worker has accepted: one put for all events of a message, and one answer."""

from collections.abc import Callable, Sequence
from functools import partial

from askfirst.consents import Reason
from askfirst.errors import AskfirstError
from server.services import Services
from server.workers.relay import STORED, Accepted

Answer = Callable[[list[int], str], None]
"""Answers the requests of these numbers by a code, `STORED` or that of an error."""


def store(services: Services, accepted: Sequence[Accepted], answer: Answer) -> None:
    """Put what is not refused into the journal, and answer when it is durable.

    What is refused, because of its consent or its site, is answered at once.
    """
    admitted = []
    for one in accepted:
        if code := _refused(services, one):
            answer([one.number], code)
        else:
            admitted.append(one)
    if admitted:
        _put(services, admitted, partial(answer, [one.number for one in admitted]))


def _refused(services: Services, one: Accepted) -> str:
    """Return why: the consent was withdrawn, the site deleted or too busy, no room; or ''."""
    if one.consent_id in services.withdrawn:
        return Reason.WITHDRAWN
    if services.book.by_id(one.site_id) is None:
        return Reason.UNKNOWN_SITE
    try:
        services.admission.admit(one.site_id, len(one.ids), one.arrived_at)
    except AskfirstError as error:
        return error.code
    return ""


def _put(
    services: Services, admitted: Sequence[Accepted], answer_all: Callable[[str], None]
) -> None:
    """Put the events into the journal, which stores all of them or none."""
    ids = [event_id for one in admitted for event_id in one.ids]
    arrived_at = max(one.arrived_at for one in admitted)
    body = b",".join([one.body for one in admitted])

    def then(error: AskfirstError | None) -> None:
        answer_all(error.code if error else STORED)

    try:
        services.admission.store(ids, arrived_at, body, then, len(admitted))
    except AskfirstError as error:  # no room
        then(error)
