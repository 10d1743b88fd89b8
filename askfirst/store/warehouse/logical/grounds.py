"""Events without a consent that was valid when they happened.

A visit that its visitor has detached names none, and none is looked for: it is linked to nobody.
"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.rules.corrections import DETACHED
from askfirst.store.warehouse.logical.events import profiles_of_all_visits, with_profile
from askfirst.store.warehouse.tables import stored

CONSENTS = {"site": "int32", "consent_id": "string", "given": "int64", "until": "int64"}
"""The ledger's consents beside a question, as the relation `valid_consents`.

Ids are as they are stored (`askfirst.store.warehouse.identifiers.stored_id`), times milliseconds
since the epoch; `until` is the expiry or the withdrawal.
"""

CONSENTS_OF_VISITORS = {**CONSENTS, "visitor_id": "string"}
"""The same with the visitor's id, '' where it was erased."""


def without_consent(events: Any) -> Any:
    """Return the events without a consent among `valid_consents` when they happened."""
    return _missing(events, ibis.table(CONSENTS, name="valid_consents"))


def without_own_consent(events: Any) -> Any:
    """Return the events without a consent of the same visitor when they happened."""
    valid = ibis.table(CONSENTS_OF_VISITORS, name="valid_consents")
    visitors = stored("visitors").select("visitor", id=stored("visitors").visitor_id)
    named = valid.filter(valid.visitor_id != "")
    named = named.mutate(id=named.visitor_id.cast("uuid"))
    return _missing(events, named.inner_join(visitors, "id").drop("id"))


def _missing(events: Any, valid: Any) -> Any:
    consents, profiles = stored("consents"), stored("profiles")
    ids = valid.mutate(id=valid.consent_id.cast("uuid"))
    # What the reports leave out is kept under the negative number of the site (see `Site.side`).
    keys = consents.select("consent", consent_site=consents.site.abs(), id=consents.consent_id)
    allowed = ids.inner_join(keys, [ids.id == keys.id, ids.site == keys.consent_site])
    by_profile = profiles.select("profile", "consent").inner_join(allowed, "consent")
    moments = with_profile(
        events.select("visit", "visitor", "time", "profile"), profiles_of_all_visits()
    )
    conditions = [
        moments.profile == by_profile.profile,
        moments.time >= by_profile.given,
        moments.time < by_profile.until,
    ]
    if "visitor" in by_profile.columns:
        conditions.append(moments.visitor == by_profile.visitor)
    return moments.anti_join(by_profile, conditions).anti_join(_detached(), "profile")


def _detached() -> Any:
    """Return the profiles of detached visits."""
    consents, profiles = stored("consents"), stored("profiles")
    nobodys = consents.filter(consents.consent_id == ibis.literal(DETACHED).cast("uuid"))
    return profiles.semi_join(nobodys, "consent").select("profile")
