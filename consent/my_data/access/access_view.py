"""What the page says of access: when it was ended and by whom, and of the account signed in to."""

from dataclasses import dataclass

from consent.my_data.person import Person
from consent.policy.languages import long_date


@dataclass(frozen=True)
class AccessView:
    """Facts about access; days are in the page's language, '' where there is none."""

    ended_by: str = ""
    """`visitor` or `staff`, where the proof that was shown opens nothing any more."""
    ended: str = ""
    """The day of that."""
    email: str = ""
    """The address of the account that is signed in to."""
    noted_by: str = ""
    """Who ended access the last time, for an account that is signed in to again."""
    noted: str = ""
    """The day of that."""
    offers_accounts: bool = False
    """Whether accounts are offered."""


def access_view(person: Person | None, tag: str, *, offers_accounts: bool) -> AccessView:
    """Return what is said to a person, or to whom no page is open."""
    if person is None:
        return AccessView(offers_accounts=offers_accounts)
    ended, account = person.ended, person.account
    at = account.access_ended_at if account else None
    return AccessView(
        ended_by=ended.by if ended else "",
        ended=long_date(ended.at, tag) if ended else "",
        email=account.email if account and not ended else "",
        noted_by=account.access_ended_by if account and at else "",
        noted=long_date(at, tag) if at else "",
        offers_accounts=offers_accounts,
    )
