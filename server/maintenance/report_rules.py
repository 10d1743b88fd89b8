"""What is stored is made to follow the rules of its site's owner, step by step."""

import asyncio

from askfirst.sites import Site
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.warehouse.ruling.asked import Asked
from server.services import Rewritten, Services


async def follow_rules(services: Services) -> None:
    """Rewrite the events of the sites whose rules were changed.

    A crash loses nothing: what is left is found by the next run. While a step is taken nothing is
    shipped, so that nothing is on its way under the rules of before.
    """
    for site in services.book.all():
        if site.rules_changed_at:
            await _follow(services, site)


async def _follow(services: Services, site: Site) -> None:
    asked = Asked(site.id, site.report_rules, site.left_out_visitors, site.restricted_visitors)
    all_ = await asyncio.to_thread(services.warehouse.number_against_rules, asked)
    services.rewritten[site.id] = progress = Rewritten(0, all_)
    try:
        while changed := await _step(services, asked) or await _settled(services, site):
            progress.done += changed
            if services.book.by_id(site.id) != site:
                return  # they were changed again, or the site is gone
        await RulesOfSites(services.ledger, services.book).followed(site)
    finally:
        del services.rewritten[site.id]


async def _step(services: Services, asked: Asked) -> int:
    async with services.shipper.quiet():
        return await asyncio.to_thread(services.warehouse.apply_rules, asked)


async def _settled(services: Services, site: Site) -> int:
    """Move what was switched while a restriction held, now that it is lifted."""
    settle = services.warehouse.set_sides
    async with services.shipper.quiet():
        moved = await asyncio.to_thread(settle, site.id, site.rules.leaves_out)
    if moved:
        await services.shipper.forget_visits()
    return moved


def rewritten_of(services: Services, site_id: int) -> tuple[int, int] | None:
    """Return how many of how many events of a site were rewritten, while they are."""
    progress = services.rewritten.get(site_id)
    return (progress.done, progress.all) if progress else None
