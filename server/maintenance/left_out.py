"""What the reports leave out: rows are moved when the owner of a site switches a rule on or off."""

import asyncio
from collections.abc import Callable
from functools import partial

from askfirst.sites import Site
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from server.services import Services


async def count_rule(services: Services, site: Site, rule: str, counted: bool) -> None:
    """Switch a rule off (`counted`) or on, and move what is kept of it.

    The choice is on record first, so that what comes from now on is kept where it belongs; rows
    that are left where they were, by a crash or because they were on their way, are moved by the
    job (`settle_rules`). Raises `Malformed` for what is no rule.
    """
    await services.book.change_rules(site, lambda rules: rules.counting(rule, counted=counted))
    move = partial(services.warehouse.set_left_out, site.id, rule, left_out=not counted)
    await _moved(services, move)
    if site.has_report_rules:  # what counts now may be what they leave out
        await RulesOfSites(services.ledger, services.book).follow_again(site, services.clock())


async def settle_rules(services: Services) -> None:
    """Move what lies on the other side of its site than the owner's rules say."""
    for site in services.book.all():
        move = partial(services.warehouse.set_sides, site.id, site.rules.leaves_out)
        await _moved(services, move)


async def _moved(services: Services, move: Callable[[], int]) -> None:
    """Move rows while nothing is shipped or erased, which would miss what is on its way."""
    async with services.shipper.quiet():
        moved = await asyncio.to_thread(move)
    if moved:
        await services.shipper.forget_visits()
