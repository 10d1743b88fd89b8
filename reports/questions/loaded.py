"""Which views of those that the reports leave out are of page loads that were counted?"""

from typing import Any

from askfirst.recording_rules import LOADED_ALL_THE_SAME
from askfirst.rules.applying import RESTRICTED
from askfirst.store.warehouse.logical.events import VIEW, profiles_of_visits, with_profile
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.tables import RULE, stored


def loaded_views(events: Any, site: Any) -> Any:
    """Return views of what is left out, with the `language` and `profile` in effect for each.

    `site` is the number under which a site keeps what is left out, `events` are events of it. No
    load is counted of what names itself a program or is fetched ahead; nor is it known of a
    program whose rule is not told. What visitors have restricted is in no figure.
    """
    views = events.filter(events.kind == VIEW, events.excluded < RESTRICTED).select(
        "visit", "profile", "time", "path", "excluded"
    )
    profiles = stored("profiles").select("profile", "language", key=RULE)
    known = with_profile(views, profiles_of_visits(site)).inner_join(profiles, "profile")
    rules = texts_of(RULE).rename(rule_id="id", rule="text")
    named = known.left_join(rules, known.key == rules.rule_id)
    by_owner = named.rule.isnull() & (named.excluded > 0)
    return named.filter(by_owner | named.rule.isin(LOADED_ALL_THE_SAME).fill_null(False))
