"""What tools read: support of GPC, the manifest of what is recorded, and rules for refusing."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from askfirst.clock import as_iso, utc_day
from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy
from consent.banner.refusal_rules import AUTOCONSENT, CONSENT_O_MATIC
from consent.dependencies import Dependencies
from consent.http.cookie import NO, OLDER_NAME, cookie_name
from consent.http.language import language_from_query
from consent.policy.wording import wording

SCHEMA = "askfirst-manifest-1"
_READABLE_BY_ANYONE = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}


class Signals:
    """Serves files for tools: the same bytes for everybody, and nothing is counted."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._started = deps.clock()

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the files."""
        return [
            Route("/.well-known/gpc.json", self._gpc),
            Route("/manifest/{site}.json", self._manifest),
            Route("/rules/autoconsent.json", self._autoconsent),
            Route("/rules/consent-o-matic.json", self._consent_o_matic),
        ]

    async def _gpc(self, _request: Request) -> Response:
        """Answer with the support resource of Global Privacy Control, dated by the policies."""
        book = self._deps.book
        published = [book.policy(site).published_at for site in book.all()]
        day = utc_day(max(published, default=self._started))
        return _json({"gpc": True, "lastUpdate": day})

    async def _autoconsent(self, _request: Request) -> Response:
        return _json(AUTOCONSENT)

    async def _consent_o_matic(self, _request: Request) -> Response:
        return _json(CONSENT_O_MATIC)

    async def _manifest(self, request: Request) -> Response:
        """Answer `GET /manifest/{site}.json?lang=xx`; raises `NotFound`."""
        site = self._deps.book.get(request.path_params["site"])
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, language_from_query(request))
        base = self._deps.settings.base_path
        versions = [_version(site, one, base) for one in await self._deps.book.versions(site)]
        facts = {
            **_facts(site, policy, shown),
            "scripts": {f"{base}{path}": one for path, one in self._deps.script_hashes().items()},
            "endpoints": {name: f"{base}{path}" for name, path in _endpoints(site).items()},
            "versions": versions,
        }
        return _json(facts)


def _facts(site: Site, policy: Policy, shown: dict[str, Any]) -> dict[str, Any]:
    content = policy.content
    kept = ("controller", "privacy_url", "authority", "recipients", "retention_months", "manager")
    return {
        "schema": SCHEMA,
        "site": site.key,
        "site_number": site.id,  # `s` of the site's tokens
        "name": content["name"],
        **{name: content[name] for name in kept},
        "withdrawn_days": content.get("withdrawn_days"),  # None: an older policy does not say
        "legal_basis": "consent, Article 6(1)(a) GDPR",
        "ip_addresses": content["ip_mode"],
        "version": policy.version,
        "accepted_versions": [site.min_policy_version, policy.version],
        "published_at": as_iso(policy.published_at),
        "policy_hash": policy.hash,
        "language": shown["language"],
        "languages": sorted(content["texts"]),
        "notice_hash": shown["hash"],
        "purposes": shown["purposes"],
        "cookie": _cookie(site, content),
        "signals": {"Sec-GPC": "a refusal without a question, until an explicit yes"},
    }


def _cookie(site: Site, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": cookie_name(site.key),
        "older_name": OLDER_NAME,  # of earlier releases: one choice for all sites of a domain
        "set": "after a choice only",
        "after_a_no": NO,
        "after_a_yes": "the signed consent token",
        "days": content["choice_days"],
        "days_after_a_no": content.get("refusal_days", content["choice_days"]),
        "same_site": "Lax",
        "other_storage": "none",
    }


def _version(site: Site, policy: Policy, base: str) -> dict[str, Any]:
    return {
        "version": policy.version,
        "published_at": as_iso(policy.published_at),
        "hash": policy.hash,
        "asks_again": bool(policy.asks_again),
        "url": f"{base}/policy/{site.key}/{policy.version}",
    }


def _endpoints(site: Site) -> dict[str, str]:
    return {
        "wording": f"/wording/{site.key}.json",
        "control": f"/wording/{site.key}/control.json",
        "choice": "/consent",
        "erasure": "/consent/erase",
        "receipt": "/consent/receipt",
        "events": "/event",
        "policy": f"/policy/{site.key}",
        "choice_without_javascript": f"/choice/{site.key}",
        "receipt_page": f"/receipt/{site.key}",
        "public_key": f"/.well-known/askfirst/{site.key}.json",
        "gpc": "/.well-known/gpc.json",
        "rules_autoconsent": "/rules/autoconsent.json",
        "rules_consent_o_matic": "/rules/consent-o-matic.json",
    }


def _json(body: Any) -> Response:
    return JSONResponse(body, headers=_READABLE_BY_ANYONE)
