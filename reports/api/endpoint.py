"""The endpoints below `/api/v1/sites/KEY/reports`: key, rate limit, report, answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import (
    AskfirstError,
    BadKey,
    Malformed,
    NotAllowed,
    NotFound,
    Refused,
    TooFast,
)
from askfirst.rate_limits import MINUTE_MS, AddressRateLimiter, Limit, RateLimiter
from askfirst.store.ledger.api_keys import REPORTS as SCOPE
from askfirst.store.ledger.api_keys import ApiKeys
from askfirst.web.ip_addresses import address_of, plain_address
from reports.api.openapi import DOCUMENT, document
from reports.dependencies import Dependencies
from reports.files.files import facts_of, file_of
from reports.files.formats import FORMATS
from reports.tables.asking import CUTTING, read_cut, rows_of, view_of
from reports.tables.registry import REPORTS, report_of
from reports.tables.table import Report

log = structlog.get_logger()

USUAL_LIMIT, MOST_LIMIT = 100, 10_000
"""Rows of an answer in JSON: where no limit is asked for, and at most."""
WRONG_KEYS_A_MINUTE = 60
"""Requests with a wrong key from one address; more are not looked up."""
TAKEN = frozenset({"period", "from", "to", "by", "where", "on", "format", *CUTTING})
"""The fields that a request for a report may have."""
_SCHEME = "bearer "
_PATH = "/api/v1/sites/{key}"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_HEADERS = {"Cache-Control": "no-store"}

Endpoint = Callable[[Request], Awaitable[Response]]


class ReportsApi:
    """Answers programs that read reports; every error has the one shape."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._keys = ApiKeys(deps.ledger, deps.clock)
        self._limiter = RateLimiter(Limit(deps.settings.key_reports_per_minute, MINUTE_MS))
        self._wrong_keys = AddressRateLimiter(Limit(WRONG_KEYS_A_MINUTE, MINUTE_MS))

    def routes(self) -> list[Route]:
        """Return the routes of the API and of its document."""
        found = {
            f"{_PATH}/reports": self._list,
            f"{_PATH}/reports/{{name}}": self._report,
            f"{_PATH}/{{rest:path}}": self._nothing,
        }
        every = [Route(path, self._guarded(one), methods=_METHODS) for path, one in found.items()]
        return [Route(DOCUMENT, self._document, methods=["GET"]), *every]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Let an endpoint answer whoever has a key of the site, within the limit."""

        async def guarded(request: Request) -> Response:
            try:
                _check_method(request)
                await self._check_key(request)
                return await endpoint(request)
            except AskfirstError as error:
                return _refused(error)
            except Exception as error:
                log.exception("internal_error", where="reports_api", why=type(error).__name__)
                return _refused(AskfirstError("Something went wrong here; it is logged."))

        return guarded

    async def _check_key(self, request: Request) -> None:
        """Raise `BadKey`, `Refused` for a key that is off, `NotFound`, or `TooFast`."""
        address, now = plain_address(address_of(request)), self._deps.clock()
        tries = self._wrong_keys.usage_of(address, now)
        if not tries.fits():
            wait = self._wrong_keys.seconds_left(now)
            raise TooFast("There were too many requests with a wrong key.", retry_after=wait)
        said = request.headers.get("authorization", "")
        secret = said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
        if (key := await self._keys.find(secret, SCOPE)) is None:
            tries.add()
            raise BadKey("There is no such key for reading reports, or it was revoked.")
        if wait := self._limiter.wait_for(str(key.id), now):
            raise TooFast("There were too many requests with this key.", retry_after=wait)
        if key.is_off:
            raise Refused(Reason.KEY_OFF, REASON_SENTENCES[Reason.KEY_OFF])
        site = self._deps.book.by_id(key.site_id)
        if site is None or site.key != request.path_params["key"]:
            raise NotFound("The key is of another site.")

    async def _list(self, request: Request) -> Response:
        listed = [described(report) for report in REPORTS.values()]
        return _json({"site": request.path_params["key"], "reports": listed})

    async def _report(self, request: Request) -> Response:
        report, query = report_of(request.path_params["name"]), request.query_params
        taken = TAKEN.union(one.name for one in report.options)
        if unknown := sorted(set(query) - taken):
            known = ", ".join(sorted(taken))
            raise Malformed(f"The fields of a request are {known}.", field=_name(unknown[0]))
        form = query.get("format", "json")
        if form not in FORMATS:
            raise Malformed(f"The format is one of {', '.join(FORMATS)}.", field="format")
        view = await view_of(self._deps, report, request)
        if form != "json":
            cut = read_cut(report, query, None, MOST_LIMIT)
            answer = await file_of(self._deps, report, view, form, cut)
            answer.headers.update(_HEADERS)
            return answer
        cut = read_cut(report, query, USUAL_LIMIT, MOST_LIMIT)
        limit = cut.limit or USUAL_LIMIT
        rows = await rows_of(self._deps, report, view, replace(cut, limit=limit + 1))
        try:
            found = rows.listed()
        finally:
            rows.close()
        part = {"limit": limit, "offset": cut.offset, "more": len(found) > limit}
        facts = facts_of(report, view, self._deps.clock())
        return _json({**facts, **part, "rows": found[:limit]})

    async def _nothing(self, _request: Request) -> Response:
        raise NotFound("There is nothing at this address.")

    async def _document(self, _request: Request) -> Response:
        base = self._deps.settings.public_url or self._deps.settings.base_path or "/"
        return _json(document(base), **{"Access-Control-Allow-Origin": "*"})


def described(report: Report) -> dict[str, Any]:
    """Return what a report is, for programs."""
    fields = [{"name": one.name, "kind": one.kind, "about": one.about} for one in report.fields]
    return {
        "name": report.name,
        "title": report.title,
        "about": report.about,
        "takes_conditions": report.takes_conditions,
        "options": [one.name for one in report.options],
        "fields": fields,
        "compared": [one.name for one in report.compared],
    }


def _check_method(request: Request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise NotAllowed("Reports are read by GET.")


def _name(text: str) -> str:
    """Return a field's name as far as it may be told: an error never repeats what was sent."""
    return text if text.isascii() and text.isidentifier() and len(text) <= 32 else "query"


def _json(body: dict[str, Any], **headers: str) -> Response:
    told = {"Content-Type": "application/json", **_HEADERS, **headers}
    return Response(msgspec.json.encode(body), headers=told)


def _refused(error: AskfirstError) -> Response:
    headers = {"Content-Type": "application/json", **_HEADERS, **error.headers()}
    if isinstance(error, NotAllowed):
        headers["Allow"] = "GET, HEAD"
    return Response(msgspec.json.encode(error.body()), error.status, headers)
