"""STUB until the account's own part is merged, whose file wins: who is signed in."""

from dataclasses import dataclass

from starlette.requests import Request

from askfirst.sites import Site
from consent.accounts.accounts import VisitorAccount
from consent.dependencies import Dependencies


@dataclass(frozen=True)
class SignedIn:
    account: VisitorAccount
    csrf: str


class AccountSessions:
    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def signed_in(self, request: Request, site: Site) -> SignedIn | None:
        return None
