"""What the reports leave out: rows are moved when the owner of a site switches a rule on or off."""

from askfirst.sites import Site
from server.services import Services


async def count_rule(services: Services, site: Site, rule: str, counted: bool) -> None:
    """Switch a rule off (`counted`) or on, and move what is kept of it.

    The choice is on record first, so that what comes from now on is kept where it belongs; rows
    that a crash leaves where they were are moved by the job that runs every minute. Raises
    `Malformed` for what is no rule.
    """
    await services.book.change_rules(site, site.rules.counting(rule, counted=counted))
