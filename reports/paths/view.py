"""What a request to the page about paths asks to see."""

from dataclasses import dataclass

from starlette.requests import Request

from askfirst.errors import Malformed
from askfirst.store.warehouse.filters.conditions import LONGEST_VALUE, columns_for
from reports.questions.paths.used_paths import LENGTHS
from reports.url.report_query import ReportQuery, page_number
from reports.url.report_view import ReportView, read_report_view

SHOWN = {"flow": "Around a page", "used": "Most used paths"}
"""The views of the page: names in the address and words."""


@dataclass(frozen=True)
class PathsView(ReportView):
    """What the address chose, beside site, period and segment."""

    show: str
    at: str | None
    """The path of the page in the middle; None: the one that is viewed most."""
    find: str
    """A part of the path of the page that is looked for, or ''."""
    is_all: bool
    """Whether the flow shows everything that came before and after."""
    length: str
    """The number of steps of the most used paths."""
    page: int
    """The page of the list of paths, from 1."""

    @property
    def with_links(self) -> bool:
        """Whether clicks are steps: not where the policy gives them to another purpose."""
        return {"link_url", "link_kind"} <= columns_for(self.site)


async def read_paths_view(query: ReportQuery, request: Request) -> PathsView:
    """Read a request; raises `NotFound` or `Malformed` naming the field."""
    fields = request.query_params
    view = await read_report_view(query, request, "/paths", ("show", "at", "steps"))
    show, length = fields.get("show", "flow"), fields.get("steps", "3")
    if show not in SHOWN:
        raise Malformed(f"The page shows one of {', '.join(SHOWN)}.", field="show")
    if length not in LENGTHS:
        raise Malformed(f"A path has {LENGTHS[0]} to {LENGTHS[-1]} steps.", field="steps")
    for name in ("at", "find"):
        if len(fields.get(name, "")) > LONGEST_VALUE:
            sentence = f"The path of a page has at most {LONGEST_VALUE} characters."
            raise Malformed(sentence, field=name)
    return PathsView(
        view.site,
        view.period,
        view.segment,
        view.address,
        saved=view.saved,
        show=show,
        at=fields.get("at"),
        find=fields.get("find", "").strip(),
        is_all="all" in fields,
        length=length,
        page=page_number(request),
    )
