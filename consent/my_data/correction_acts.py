"""What a person corrects on the page: a wrong value, a page that is hidden, another's visit."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request

from askfirst.errors import Malformed
from consent.dependencies import Dependencies
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.person import People, Person
from consent.rights.corrections import Act, Asked

WRONG = {
    "to": "correct_choose",
    "event": "hide_last",
    "visit": "not_me_last",
    "do": "correct_many",
}
"""The words that say at the field why it was refused, by the field of `Malformed`."""
LEFT_OUT, ALL = "-", "all"
"""What a menu posts for a value that is to be left out, and for every visit so far."""


class CorrectionActs:
    """Carries out the buttons that correct; raises `Malformed` or `NotFound` as `Corrections`."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._people = People(deps)

    async def correct(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Correct a value (`kind`, `to`), of one `visit` or of all; both have to be chosen."""
        kind: Any = form.get("kind", "")
        if kind in ("page", "visit"):  # these have buttons of their own
            kind = ""
        to, visit = form.get("to", ""), form.get("visit", "")
        if not (to and visit):
            raise Malformed("Choose what is right, and for which visits.", field="to")
        whole = Asked(kind, "" if to == LEFT_OUT else to, "" if visit == ALL else visit)
        await self._made(person, whole)

    async def hide_page(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Hide the page of an `event`."""
        await self._made(person, Asked("page", event_id=form.get("event", "")))

    async def not_me(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Detach a `visit`."""
        await self._made(person, Asked("visit", visit_id=form.get("visit", "")))

    async def _made(self, person: Person, asked: Asked) -> None:
        self._limiter.act(person.claims.consent_id)
        may = partial(self._people.may, person=person)
        act = Act(secrets.token_hex(16), self._deps.clock(), may=may)
        await self._deps.corrections.correct_ids(person.site.id, person.ids, asked, act)
