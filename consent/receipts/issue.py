"""Issuing receipts: made from the ledger for whoever holds the token, signed by the site's key."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from askfirst.clock import as_iso
from askfirst.consents import Claims
from askfirst.errors import AccessEnded, Malformed, NotFound, UnknownHost
from askfirst.settings import Settings
from askfirst.sites import Site, host_of
from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.tables import consent_records
from askfirst.web.ip_addresses import is_this_machine, plain_address
from askfirst.web.urls import split_address
from consent.dependencies import Dependencies
from consent.http.origins import shared_domain
from consent.policy.wording import wording
from consent.proof.records import Record
from consent.proof.shown_wordings import stored_wording
from consent.receipts.data_integrity import signed
from consent.receipts.document import ReceiptContext, receipt

MEDIA_TYPE = "application/ld+json"


@dataclass(frozen=True)
class IssuedReceipt:
    """A signed receipt, the records behind it and the words that were accepted."""

    document: dict[str, Any]
    records: list[Record]
    shown: dict[str, Any]

    @property
    def text(self) -> str:
        """Return the receipt as the text of the file that a visitor keeps."""
        return json.dumps(self.document, ensure_ascii=False, indent=2) + "\n"


class ReceiptIssuer:
    """Issues receipts; `base` is the server's address, see `ReceiptContext`."""

    def __init__(self, deps: Dependencies) -> None:
        self._ledger = deps.ledger
        self._book = deps.book
        self._keys = deps.site_keys
        self._clock = deps.clock
        self._storage_location = deps.settings.storage_location

    async def issue(self, site: Site, claims: Claims, base: str) -> IssuedReceipt:
        """Build and sign the receipt of a token's consent, also a withdrawn, expired or erased one.

        Raises `NotFound` where the ledger does not have this consent, and `AccessEnded` where the
        visitor's access was ended: the token may be a thief's.
        """
        async with self._ledger.read() as connection:
            if await ended_among(connection, site.id, [claims.visitor_id]):
                raise AccessEnded("Access was ended, because something was lost or stolen.")
            records = await _records(connection, site, claims)
        if not records:
            raise NotFound("There is no record of this consent.")
        policy = await self._book.version(site, records[0]["policy_version"])
        shown = await self.words(site, records[0])
        context = ReceiptContext(
            shown=shown,
            retention_months=policy.content["retention_months"],
            recipients=policy.content["recipients"],
            published_at=policy.published_at,
            base=base,
            storage_location=self._storage_location,
        )
        now = self._clock()
        document = receipt(records, context, now)
        document = signed(document, self._keys.of(site.key), as_iso(now))
        return IssuedReceipt(document, records, shown)

    async def words(self, site: Site, record: Record) -> dict[str, Any]:
        """Return the wording that a record's visitor was shown; its hash is `notice_hash`.

        Raises `NotFound` where it is neither stored nor can be rendered again.
        """
        async with self._ledger.read() as connection:
            stored = await stored_wording(connection, record["notice_hash"])
        if stored is not None:
            return stored
        policy = await self._book.version(site, record["policy_version"])
        again = await wording(self._book, policy, site, record["language"])
        if again["hash"] != record["notice_hash"]:
            raise NotFound("The words of this consent are not kept.")
        return again


def base_url_of(request: Request, site: Site, settings: Settings) -> str:
    """Return the address under which browsers reach this server, without a slash at its end.

    Without the setting `public_url` it is taken from the request's `Host`, which anybody can write
    and which the receipt then carries under its signature. So only a name is taken that can be this
    server's own, see `_is_plausible`. Raises `Malformed` and `UnknownHost`.
    """
    if settings.public_url:
        return settings.public_url
    scheme, host = request.scope["scheme"], request.headers.get("host", "").lower()
    if host_of(f"{scheme}://{host}") != host:
        raise Malformed("The Host header names no host.")
    if not _is_plausible(host, site, request):
        raise UnknownHost("No receipt is signed for this host name unless public_url is set to it.")
    return f"{scheme}://{host}{request.base_url.path.rstrip('/')}"


def _is_plausible(host: str, site: Site, request: Request) -> bool:
    """Return whether a host is this machine, or shares a domain with a host of the site."""
    name = str(split_address(f"//{host}").hostname)
    if is_this_machine(host):
        return True
    listening, _ = request.scope.get("server") or ("", 0)
    if name == plain_address(str(listening)) != "":
        return True
    pages = [f"https://{one.removeprefix('*.')}" for one in site.hosts]
    return any(shared_domain(page, host) is not None for page in pages)


async def _records(connection: AsyncConnection, site: Site, claims: Claims) -> list[Record]:
    table = consent_records.c
    of_consent = (table.consent_id == claims.consent_id) & (table.site_id == site.id)
    statement = select(consent_records).where(of_consent).order_by(table.seq)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]
