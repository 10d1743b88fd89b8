"""What the reports leave out: rows are moved when the owner of a site switches a rule on or off."""

import asyncio
from functools import partial

from askfirst.sites import Site
from server.services import Services


async def count_rule(services: Services, site: Site, rule: str, counted: bool) -> None:
    """Switch a rule off (`counted`) or on, and move what is kept of it.

    The choice is on record first, so that what comes from now on is kept where it belongs; rows
    that are left where they were, by a crash or because they were on their way, are moved by the
    job (`settle_rules`). Raises `Malformed` for what is no rule.
    """
    await services.book.change_rules(site, site.rules.counting(rule, counted=counted))
    move = partial(services.warehouse.set_left_out, site.id, rule, left_out=not counted)
    await asyncio.to_thread(move)


async def settle_rules(services: Services) -> None:
    """Move what lies on the other side of its site than the owner's rules say."""
    for site in services.book.all():
        leaves_out = site.rules.leaves_out
        await asyncio.to_thread(services.warehouse.set_sides, site.id, leaves_out)
