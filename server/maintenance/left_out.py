"""What the reports leave out: rows are moved when the owner of a site switches a rule on or off."""

import asyncio

from askfirst.recording_rules import RecordingRules
from askfirst.sites import Site
from askfirst.store.warehouse.logical.sides import rules_kept
from server.services import Services


async def count_rule(services: Services, site: Site, rule: str, counted: bool) -> None:
    """Switch a rule off (`counted`) or on, and move what is kept of it.

    The choice is on record first, so that what comes from now on is kept where it belongs; rows
    that are left where they were, by a crash or because they were on their way, are moved by the
    job (`settle_rules`). Raises `Malformed` for what is no rule.
    """
    await services.book.change_rules(site, site.rules.counting(rule, counted=counted))
    await _move(services, site.id, rule, left_out=not counted)


async def settle_rules(services: Services) -> None:
    """Move what lies on the other side of its site than the owner's rules say."""
    for site in services.book.all():
        kept = await asyncio.to_thread(services.warehouse.ask, rules_kept, site.id)
        for rule, left_out in zip(kept["rule"], kept["left_out"], strict=True):
            if _is_misplaced(site.rules, rule, left_out=bool(left_out)):
                await _move(services, site.id, rule, left_out=not left_out)


def _is_misplaced(rules: RecordingRules, rule: str, *, left_out: bool) -> bool:
    return bool(rule) and rules.leaves_out(rule) != left_out


async def _move(services: Services, site_id: int, rule: str, *, left_out: bool) -> None:
    await asyncio.to_thread(services.warehouse.set_left_out, site_id, rule, left_out=left_out)
