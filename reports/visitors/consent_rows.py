"""A visitor's consent records, arranged for reading, and whether the consent holds now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from askfirst.sites import Site
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.personal_data import Row

WITHDRAWN = "withdrawn"
_USUAL_LANGUAGE = "en"


@dataclass(frozen=True)
class Consent:
    """One line of the consent records: a yes or its withdrawal; times are ms since the epoch.

    A withdrawal that stands in the ledger without its record has no `record_id`. `added` and
    `dropped` are the purposes by which a yes differs from the yes that it took the place of.
    """

    time: int
    state: str
    consent_id: str
    valid_until: int | None = None
    purposes: tuple[str, ...] = ()
    policy_version: int | None = None
    language: str = ""
    method: str = ""
    record_id: str = ""
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentStatus:
    """Whether a visitor's consent holds now; `since` and `until` are ms since the epoch.

    `since` is when the state began: the first yes of the consent, its end, or its withdrawal.
    """

    state: Literal["yes", "ended", "withdrawn"]
    since: int
    until: int | None
    purposes: tuple[str, ...]
    policy_version: int | None
    yeses: int
    withdrawals: int


def consents_of(records: Sequence[Row], withdrawals: Sequence[Row]) -> tuple[Consent, ...]:
    """Arrange a visitor's consent records, newest first, each withdrawal as one line."""
    found = [consent_of(row) for row in sorted(records, key=lambda row: row["seq"])]
    told = {one.consent_id for one in found if one.state == WITHDRAWN}
    found += [
        Consent(row["withdrawn_at"], WITHDRAWN, row["consent_id"])
        for row in withdrawals
        if row["consent_id"] not in told
    ]
    return tuple(_with_changes(sorted(found, key=lambda one: one.time))[::-1])


def _with_changes(consents: Sequence[Consent]) -> list[Consent]:
    """Compare each yes, oldest first, with the one before, unless that was withdrawn meanwhile."""
    compared, before = [], None
    for one in consents:
        if one.state == WITHDRAWN:
            before = None
            compared.append(one)
            continue
        if before is not None:
            added = tuple(name for name in one.purposes if name not in before.purposes)
            dropped = tuple(name for name in before.purposes if name not in one.purposes)
            compared.append(replace(one, added=added, dropped=dropped))
        else:
            compared.append(one)
        before = one
    return compared


def consent_of(row: Row) -> Consent:
    """Arrange one consent record for reading."""
    return Consent(
        time=row["event_time"],
        state=row["state"],
        consent_id=row["consent_id"],
        valid_until=row["valid_until"],
        purposes=tuple(row["purposes"]),
        policy_version=row["policy_version"],
        language=row["language"],
        method=row["method"],
        record_id=row["record_id"],
    )


def consent_status(consents: Sequence[Consent], now: int) -> ConsentStatus | None:
    """Sum up consents, newest first, as of `now`; None where there is none."""
    if not consents:
        return None
    newest = consents[0]
    withdrawn = newest.state == WITHDRAWN
    given = [one for one in consents if one.state != WITHDRAWN]
    latest = given[0] if given else newest
    first = min(one.time for one in consents if one.consent_id == newest.consent_id)
    until = latest.valid_until
    ended = until is not None and until <= now
    return ConsentStatus(
        state="withdrawn" if withdrawn else "ended" if ended else "yes",
        since=newest.time if withdrawn else until if ended and until else first,
        until=until,
        purposes=latest.purposes,
        policy_version=latest.policy_version,
        yeses=len(given),
        withdrawals=len(consents) - len(given),
    )


async def purpose_titles(book: SiteBook, site: Site) -> Mapping[str, str]:
    """Return what the purposes of a site's newest policy are called, in English where it has it."""
    policy = book.policy(site)
    languages = list(policy.content["texts"])
    language = _USUAL_LANGUAGE if _USUAL_LANGUAGE in languages else languages[0]
    texts = await book.texts(policy, language)
    return {name: words["title"] for name, words in texts["purposes"].items()}
