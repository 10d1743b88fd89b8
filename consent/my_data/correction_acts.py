"""What a person corrects on the page: a wrong value, a page that is hidden, another's visit."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from consent.dependencies import Dependencies
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.person import Person
from consent.rights.corrections import Act, Asked


class CorrectionActs:
    """Carries out the buttons that correct; raises `Malformed` or `NotFound` as `Corrections`."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter

    async def correct(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Correct a value (`kind`, `to`), of one `visit` or of all."""
        kind: Any = form.get("kind", "")
        if kind in ("page", "visit"):  # these have buttons of their own
            kind = ""
        await self._made(person, Asked(kind, form.get("to", ""), form.get("visit", "")))

    async def hide_page(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Hide the page of an `event`."""
        await self._made(person, Asked("page", event_id=form.get("event", "")))

    async def not_me(self, _request: Request, person: Person, form: Mapping[str, str]) -> None:
        """Detach a `visit`."""
        await self._made(person, Asked("visit", visit_id=form.get("visit", "")))

    async def _made(self, person: Person, asked: Asked) -> None:
        self._limiter.act(person.claims.consent_id)
        act = Act(secrets.token_hex(16), self._deps.clock())
        await self._deps.corrections.correct_ids(person.site.id, person.ids, asked, act)
