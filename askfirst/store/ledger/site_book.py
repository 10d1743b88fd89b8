"""The sites and their published policies, in memory for the hot path and read again on changes."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update

from askfirst.clock import Clock
from askfirst.errors import NotFound
from askfirst.recording_rules import RecordingRules
from askfirst.sites import DEFAULT_IP_MODE, IpMode, Site, new_site_key
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rights.corrections import corrections_by_site
from askfirst.store.ledger.sites.policies import (
    Policy,
    add_version,
    min_versions,
    newest_policies,
    policy_of,
)
from askfirst.store.ledger.sites.site_rows import rules_of, site_of
from askfirst.store.ledger.tables import (
    left_out_visitors,
    policies,
    restrictions,
    sites,
    wordings,
)

_HOSTS_KEPT = 4096  # hosts whose site is known; every refusal is tallied by its site
_TEXTS_KEPT = 256  # wordings in memory, some kilobytes each


class SiteBook:
    """All sites and their newest policies, in memory: `find`, `get`, `by_id` and `by_host` a site.

    `add`, `change` and `publish` write to the ledger; `refresh` reads what others have written. A
    deleted site is not found.
    """

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sites: dict[str, Site] = {}
        self._by_id: dict[int, Site] = {}
        self._deleted: frozenset[str] = frozenset()
        self._by_host: dict[str | None, Site | None] = {}
        self._policies: dict[int, Policy] = {}
        self._texts: dict[str, dict[str, Any]] = {}
        self._reading = asyncio.Lock()
        self.readings = 0
        """How often sites and policies were read; it grows when something has changed."""

    def find(self, key: str) -> Site | None:
        """Return the site of a key, or None."""
        return self._sites.get(key)

    def get(self, key: str) -> Site:
        """Return the site of a key; raises `NotFound`."""
        if (site := self._sites.get(key)) is None:
            raise NotFound("There is no such site.")
        return site

    def by_id(self, site_id: int) -> Site | None:
        """Return the site of a number, or None."""
        return self._by_id.get(site_id)

    def was(self, key: str) -> bool:
        """Return whether a key is that of a deleted site, whose consents can still be proved."""
        return key in self._deleted

    def by_host(self, host: str | None) -> Site | None:
        """Return the first site that a host belongs to, or None."""
        if host not in self._by_host:
            if len(self._by_host) >= _HOSTS_KEPT:
                self._by_host.clear()
            sites = self._sites.values()
            self._by_host[host] = next((site for site in sites if site.allows(host)), None)
        return self._by_host[host]

    def all(self) -> Sequence[Site]:
        """Return every site, by name."""
        return sorted(self._sites.values(), key=lambda site: site.name.lower())

    def policy(self, site: Site) -> Policy:
        """Return the newest policy of a site."""
        return self._policies[site.id]

    async def versions(self, site: Site) -> list[Policy]:
        """Return every published version of a site's policy, the newest first."""
        statement = (
            select(policies)
            .where(policies.c.site_id == site.id)
            .order_by(policies.c.version.desc())
        )
        async with self._ledger.read() as connection:
            return [policy_of(row) for row in (await connection.execute(statement)).mappings()]

    async def version(self, site: Site, number: int) -> Policy:
        """Return one published version of a site's policy; raises `NotFound`."""
        newest = self.policy(site)
        if number == newest.version:
            return newest
        chosen = (policies.c.site_id == site.id) & (policies.c.version == number)
        async with self._ledger.read() as connection:
            row = (await connection.execute(select(policies).where(chosen))).mappings().first()
        if row is None:
            raise NotFound("There is no such version.")
        return policy_of(row)

    async def texts(self, policy: Policy, language: str) -> dict[str, Any]:
        """Return the texts of a policy in one of its languages; they never change."""
        wanted = policy.content["texts"][language]
        if wanted not in self._texts:
            chosen = select(wordings.c.texts).where(wordings.c.hash == wanted)
            async with self._ledger.read() as connection:
                texts = (await connection.execute(chosen)).scalar_one()
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            self._texts[wanted] = texts
        return self._texts[wanted]

    async def refresh(self) -> None:
        """Read sites and policies again; one reading at a time, so that the newest is kept."""
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        async with self._ledger.read() as connection:
            stored = (await connection.execute(select(sites))).mappings().all()
            newest = (await connection.execute(newest_policies())).mappings().all()
            required = (await connection.execute(min_versions())).all()
            left_out = (await connection.execute(_left_out_visitors())).all()
            restricted = (await connection.execute(_restricted_visitors())).all()
            corrected = await corrections_by_site(connection)
        rows = [row for row in stored if row["deleted_at"] is None]
        self._deleted = frozenset(row["key"] for row in stored if row["deleted_at"] is not None)
        self._policies = {row["site_id"]: policy_of(row) for row in newest}
        oldest = dict(required)
        own, held = _by_site(left_out), _by_site(restricted)
        self._sites = {
            row["key"]: msgspec.structs.replace(
                site_of(row, self._policies[row["id"]], oldest[row["id"]]),
                left_out_visitors=frozenset(own.get(row["id"], ())),
                restricted_visitors=frozenset(held.get(row["id"], ())),
                corrections=corrected.get(row["id"], {}),
            )
            for row in rows
        }
        self._by_id = {site.id: site for site in self._sites.values()}
        self._by_host.clear()
        self.readings += 1

    async def add(
        self,
        name: str,
        hosts: Iterable[str],
        time_zone: str,
        content: dict[str, Any],
        ip_mode: IpMode = DEFAULT_IP_MODE,
    ) -> Site:
        """Add a site with version 1 of its policy, and return it.

        `content["texts"]` has the texts by language; they are stored by their hash.
        """
        key, now = new_site_key(), self._clock()
        row = {"key": key, "name": name, "hosts": list(hosts), "time_zone": time_zone}
        async with self._ledger.write() as connection:
            added = await connection.execute(
                insert(sites).values(**row, ip_mode=ip_mode, created_at=now)
            )
            site_id = added.inserted_primary_key[0]  # type: ignore[index]
            await add_version(connection, site_id, content, 1, 1, now)
        await self.refresh()
        return self.get(key)

    async def change(self, site: Site, name: str, hosts: Iterable[str], time_zone: str) -> Site:
        """Change a site's name, hosts and time zone, which are in no policy; return the site."""
        values = {"name": name, "hosts": list(hosts), "time_zone": time_zone}
        async with self._ledger.write() as connection:
            alive = (sites.c.id == site.id) & sites.c.deleted_at.is_(None)
            await connection.execute(update(sites).where(alive).values(values))
        await self.refresh()
        return self.get(site.key)

    async def change_rules(
        self, site: Site, how: Callable[[RecordingRules], RecordingRules]
    ) -> Site:
        """Store what `how` makes of a site's rules, which are in no policy; return the site.

        Rules are read and written in one transaction, so that no other change is lost.
        """
        alive = (sites.c.id == site.id) & sites.c.deleted_at.is_(None)
        async with self._ledger.write() as connection:
            kept = await connection.scalar(select(sites.c.rules).where(alive))
            values = {"rules": msgspec.to_builtins(how(rules_of(kept)))}
            await connection.execute(update(sites).where(alive).values(values))
        await self.refresh()
        return self.get(site.key)

    async def publish(self, site: Site, content: dict[str, Any], *, asks_again: bool) -> Policy:
        """Publish the next version of a site's policy; `asks_again` ends every older consent.

        A version is never changed or removed; `content["texts"]` is as for `add`.
        """
        async with self._ledger.write() as connection:
            last = select(func.max(policies.c.version)).where(policies.c.site_id == site.id)
            version = (await connection.execute(last)).scalar_one() + 1
            now = self._clock()
            await add_version(connection, site.id, content, version, int(asks_again), now)
        await self.refresh()
        return self._policies[site.id]


@cache
def _left_out_visitors() -> Any:
    return select(left_out_visitors.c.site_id, left_out_visitors.c.visitor_id)


@cache
def _restricted_visitors() -> Any:
    columns = restrictions.c
    return select(columns.site_id, columns.visitor_id).where(columns.lifted_at.is_(None))


def _by_site(rows: Iterable[Any]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for site_id, visitor_id in rows:
        found.setdefault(site_id, set()).add(visitor_id)
    return found
