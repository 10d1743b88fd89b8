"""The security log: the page that lists what staff did, newest first."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.shell import Shell
from reports.staff.audit_log import FAILURES_SINGLY, Act, Noted
from reports.staff.guard import Guard
from reports.url.paging import before_of

ROWS = 100
SENTENCES = {
    Act.SIGNED_IN: "Signed in",
    Act.SIGN_IN_FAILED: "Sign-in failed",
    Act.SIGN_INS_FAILED: "More sign-ins failed within this hour",
    Act.PASSWORD_WRONG: "Typed a wrong password while signed in",
    Act.PASSWORDS_WRONG: "More wrong passwords while signed in within this hour",
    Act.CODE_WRONG: "A one-time code was not good",
    Act.CODES_WRONG: "More one-time codes were not good within this hour",
    Act.SIGNED_OUT: "Signed out",
    Act.PASSWORD_CHANGED: "Changed the password",
    Act.EMAIL_CHANGED: "Changed the address",
    Act.SESSIONS_ENDED: "Ended sessions",
    Act.RESET_LINK_MADE: "A link for a new password was made on the server",
    Act.PASSWORD_RESET: "Set a new password by a link",
    Act.OWNER_CREATED: "Became the owner",
    Act.SITE_ADDED: "Added a site",
    Act.SITE_CHANGED: "Changed a site",
    Act.SITE_DELETED: "Asked for the deletion of a site",
    Act.API_KEY_MADE: "Made a key of the server-side API",
    Act.API_KEY_REVOKED: "Revoked a key of the server-side API",
    Act.API_KEY_OFF: "Switched a key of the server-side API off",
    Act.API_KEY_ON: "Switched a key of the server-side API on",
    Act.GOAL_ADDED: "Added a goal",
    Act.GOAL_CHANGED: "Changed a goal",
    Act.GOAL_DELETED: "Deleted a goal",
    Act.FUNNEL_ADDED: "Added a funnel",
    Act.FUNNEL_CHANGED: "Changed a funnel",
    Act.FUNNEL_DELETED: "Deleted a funnel",
    Act.SEGMENT_KEPT: "Kept or changed a segment",
    Act.SEGMENT_DELETED: "Deleted a segment",
    Act.NOTE_KEPT: "Wrote a note on the chart",
    Act.NOTE_DELETED: "Deleted a note on the chart",
    Act.SHARE_LINK_MADE: "Made a share link",
    Act.SHARE_LINK_REVOKED: "Revoked a share link",
    Act.MAIL_CHANGED: "Chose which mail to get",
    Act.POLICY_PUBLISHED: "Published a policy",
    Act.VISITOR_EXPORTED: "Exported a visitor",
    Act.VISITOR_ERASED: "Erased a visitor",
    Act.ACCESS_ENDED: "Ended a visitor’s access",
    Act.REQUEST_NOTED: "Noted a request of a visitor",
    Act.REQUEST_CHANGED: "Wrote down what was done about a request",
    Act.DISCLOSURE_ENTERED: "Made an entry in the disclosure register",
    Act.RECORDS_EXPORTED: "Exported consent records",
    Act.ACCOUNTS_CHANGED: "Chose what visitors with an account are asked and offered",
    Act.ACCOUNT_OPENED: "Opened what a visitor had volunteered",
    Act.ADDRESSES_EXPORTED: "Exported the addresses of those who want a message",
    Act.EVENTS_EXPORTED: "Exported the events of some days",
}
_WORDS = {act.value: words for act, words in SENTENCES.items()}


@dataclass(frozen=True)
class ActRow:
    """A line of the log: the act in words, and the site's name as it is now."""

    at: int
    act: str
    who: str
    site: str
    network: str


@dataclass(frozen=True)
class AccountLogPage:
    """`account_log.html`: what staff did, newest first."""

    shell: Shell
    rows: tuple[ActRow, ...]
    """The acts of this page."""
    older: str
    """The address of earlier acts, or ''."""
    singly: int
    """How many failures an hour are listed one by one; the page says what happens to more."""


class AccountLogHandler:
    """Serves `/account/log`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        return [Route("/account/log", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        found = await self._guard.acts.newest(ROWS + 1, before_of(request.query_params))
        older = f"/account/log?before={found[ROWS - 1].id}" if len(found) > ROWS else ""
        context = AccountLogPage(
            shell=Shell("Security log", session.email, session.csrf, tab="account", within=True),
            rows=tuple(_row(one, self._site(one.site_key)) for one in found[:ROWS]),
            older=older,
            singly=FAILURES_SINGLY,
        )
        return self._deps.pages.page("reports/staff/account_log.html", context)

    def _site(self, key: str) -> str:
        """Return the name of a site; of a deleted one, whose name is gone, the key."""
        if self._deps.book.was(key):
            return f"deleted site {key}"
        site = self._deps.book.find(key)
        return site.name if site else key


def _row(one: Noted, site: str) -> ActRow:
    words = _WORDS.get(one.act, one.act)
    return ActRow(
        at=one.happened_at,
        act=f"{words}: {one.times}" if one.times > 1 else words,
        who=one.who,
        site=site,
        network=one.network,
    )
