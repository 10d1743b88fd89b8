"""The page about recording: parameters that are kept, rules for channels, whole IP addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.channels import CHANNELS, DEFAULT, read_rules, rules_as_json
from askfirst.errors import Malformed
from askfirst.recording_rules import RecordingRules, read_days, read_parameters
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.channel_words import channel_words
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

SAVED = "saved"
_LARGE = 4
"""How many times the usual limits of a form the rules may take: a hundred rules are long."""


@dataclass(frozen=True)
class RecordingPage:
    """`recording.html`: what tells pages apart, channels, and how long addresses stay whole."""

    shell: Shell
    parameters: str
    """The parameters, one a line, or what was typed."""
    channels: str
    """The rules as JSON, one rule a line, or what was typed."""
    days: str
    """The days after which whole IP addresses are shortened, '' for none, or what was typed."""
    setting: int
    """The same days by the server's setting, 0 for never."""
    keeps_whole: bool
    """Whether the wording says that addresses are kept whole."""
    known: tuple[tuple[str, str], ...]
    """The channels that the shipped rules know: as rules name them, and in words."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    saved: bool
    """Whether it was saved just now."""


class RecordingHandler:
    """Serves `/sites/KEY/recording`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/recording"
        return [
            Route(path, self._guard.page(self._form), methods=["GET"]),
            Route(path, self._guard.action(self._save, _LARGE), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        typed = _Typed(
            "\n".join(site.rules.parameters),
            _lines_of(site.rules.channels),
            str(site.rules.whole_address_days or ""),
        )
        return self._shown(request, session, typed, {}, saved=bool(outcome(request, SAVED)))

    async def _save(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        typed = _Typed(*(form.get(name, "") for name in _Typed._fields))
        rules, errors = _read(site.rules, typed)
        change = partial(
            msgspec.structs.replace,
            parameters=rules.parameters,
            channels=rules.channels,
            whole_address_days=rules.whole_address_days,
        )
        if errors:
            return self._shown(request, session, typed, errors, saved=False)
        await self._deps.book.change_rules(site, change)
        await self._guard.note_done(request, Act.SITE_CHANGED, session.email, site.key)
        return RedirectResponse(f"/sites/{site.key}/recording?{SAVED}", 303)

    def _shown(
        self,
        request: Request,
        session: Session,
        typed: "_Typed",
        errors: Mapping[str, str],
        saved: bool,
    ) -> Response:
        site = self._deps.site(request)
        context = RecordingPage(
            shell=kept_shell(site, session, request.query_params, "Recording", "recording"),
            parameters=typed.parameters,
            channels=typed.channels,
            days=typed.whole_address_days,
            setting=self._deps.settings.whole_address_days,
            keeps_whole=site.ip_mode == "whole",
            known=tuple((name, channel_words(name)) for name in CHANNELS),
            errors=errors,
            saved=saved,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/sites/recording.html", context, status)


class _Typed(NamedTuple):
    """What stands in the fields of the form."""

    parameters: str
    channels: str
    whole_address_days: str


def _read(rules: RecordingRules, typed: _Typed) -> tuple[RecordingRules, dict[str, str]]:
    """Return the rules with what was typed, and what is wrong in it, by field."""
    errors: dict[str, str] = {}
    try:
        rules = msgspec.structs.replace(rules, parameters=read_parameters(typed.parameters))
    except Malformed as error:
        errors["parameters"] = error.message
    try:
        days = read_days(typed.whole_address_days)
        rules = msgspec.structs.replace(rules, whole_address_days=days)
    except Malformed as error:
        errors["whole_address_days"] = error.message
    try:
        found = read_rules(typed.channels) if typed.channels.strip() else DEFAULT
    except Malformed as error:
        where = f" ({error.field})" if error.field not in (None, "rules") else ""
        errors["channels"] = f"{error.message}{where}"
    else:
        text = "" if found == DEFAULT else rules_as_json(found)
        rules = msgspec.structs.replace(rules, channels=text)
    return rules, errors


def _lines_of(channels: str) -> str:
    """Return rules with one on each line, as they are edited."""
    if not channels:
        return ""
    rules = [msgspec.json.encode(one).decode() for one in read_rules(channels).rules]
    return "[\n  " + ",\n  ".join(rules) + "\n]"
