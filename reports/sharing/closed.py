"""The page of a share link that opens nothing any more, or nothing for now."""

from dataclasses import dataclass

from starlette.responses import Response

from askfirst.web.pages import Pages
from reports.sharing.alone import alone
from reports.shell import Shell

CLOSED = "This link does not open anything any more. Ask whoever gave it to you for a new one."
UNCOVERED = (
    "This report cannot be shown now: the privacy policy of the site no longer covers what it is"
    " limited to. Ask whoever gave you the link for a new one."
)
GONE = 410


@dataclass(frozen=True)
class ClosedPage:
    """`closed.html`: the link opens nothing, and why."""

    shell: Shell
    text: str
    """What the reader is told."""


def closed(pages: Pages, text: str) -> Response:
    """Answer with the page, which says `text`."""
    context = ClosedPage(Shell("Not open any more"), text)
    return alone(pages.page("reports/sharing/closed.html", context, GONE))
