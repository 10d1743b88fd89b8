"""The page with the receipt of an erasure, which staff pass on to the visitor."""

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import AskfirstError, NotFound, Unavailable
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies, Erased
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.visitors.data_holders import HeldRows, in_words

log = structlog.get_logger()


@dataclass(frozen=True)
class VisitorErasedPage:
    """`visitor_erased.html`: the receipt to pass on to the visitor."""

    shell: Shell
    base: str
    """The address of the list of visitors."""
    zone: str
    """The site's time zone."""
    receipt: Erased
    """The receipt: its number, when it was done, and how much was erased."""
    went: tuple[HeldRows, ...]
    """How many rows each table lost."""


class VisitorErasedHandler:
    """Erases a visitor and answers with the receipt, once the page before it is confirmed."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    async def page(
        self, request: Request, session: Session, site: Site, visitor_id: str
    ) -> Response:
        """Erase a visitor of whom any table holds a row, and answer with the receipt.

        After an interrupted erasure that may be one table alone.
        """
        if not any((await self._deps.personal_data.rows(site.id, visitor_id)).values()):
            raise no_such_visitor()
        await self._guard.note(request, Act.VISITOR_ERASED, session.email, site.key)
        receipt = await self._carry_out(site.id, visitor_id)
        context = VisitorErasedPage(
            shell=shell_of(site, session, "Erased"),
            base=base_of(site),
            zone=site.time_zone,
            receipt=receipt,
            went=in_words(receipt.places),
        )
        return self._deps.pages.page("reports/visitor_requests/visitor_erased.html", context)

    async def _carry_out(self, site_id: int, visitor_id: str) -> Erased:
        try:
            return await self._deps.erase(site_id, visitor_id)
        except AskfirstError:
            raise
        except Exception as error:  # whichever store failed, the request stays on record
            cause = type(error).__name__
            log.error("erasure_interrupted", cause=cause)  # noqa: TRY400 - a trace could name whom
            raise Unavailable(
                "The erasure is not finished. It is on record and goes on by itself.",
                retry_after=60,
            ) from error


def no_such_visitor() -> NotFound:
    """Build the error of a visitor whom the site does not know."""
    return NotFound("There is no such visitor, or it was erased.")


def base_of(site: Site) -> str:
    """Return the address of a site's list of visitors."""
    return f"/sites/{site.key}/visitors"


def shell_of(site: Site, session: Session, title: str) -> Shell:
    """Build the frame of a page that lies below the list of visitors."""
    return Shell(title, session.email, session.csrf, site.key, site.name, "visitors", within=True)
