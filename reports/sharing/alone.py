"""The headers of pages whose address holds the secret of a share link."""

from starlette.responses import Response

from askfirst.web.pages import PAGE_POLICY
from reports.staff.guard import private


def alone(answer: Response, embedded_in: tuple[str, ...] = ()) -> Response:
    """Mark a page that nobody may find, keep or, but for the hosts that are named, frame.

    Its address holds the secret, so that no other site may learn it as a referrer.
    """
    frames = " ".join(embedded_in) or "'none'"
    answer.headers["Content-Security-Policy"] = f"{PAGE_POLICY}frame-ancestors {frames}"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return private(answer)
