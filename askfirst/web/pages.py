"""HTML pages: Jinja with autoescape, a dataclass for each template, static files by their hash."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from askfirst.system.assets import asset_hash, asset_path
from askfirst.web.base_path import linked_under, with_base
from askfirst.web.shown_addresses import host, place

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
)
"""What a page may load: only its own server's files (law 9). Append who may frame it."""
UNFRAMED = f"{PAGE_POLICY}frame-ancestors 'none'"
FRAMING = f"{PAGE_POLICY}frame-src 'self'; frame-ancestors 'none'"
FRAMED = f"{PAGE_POLICY}frame-ancestors 'self'"


def static_url(name: str) -> str:
    """Return the address of a shipped static file, e.g. `/static/css/base.css?v=0a1b2c3d4e5f`."""
    return f"/static/{name}?v={asset_hash(f'static/{name}')}"


class Pages:
    """Renders templates; a template sees the fields of one dataclass and the named filters.

    Every template has the filters `place` and `host` (`askfirst/web/shown_addresses.py`). `base` is
    the base path. Templates put it before their own addresses (`base_path`); addresses that Python
    code made get it here.
    """

    def __init__(
        self, filters: Mapping[str, Callable[..., Any]] | None = None, base: str = ""
    ) -> None:
        self._base = base
        self._environment = Environment(
            loader=FileSystemLoader(asset_path("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static_url"] = lambda name: with_base(base, static_url(name))
        self._environment.globals["base_path"] = base
        self._environment.filters.update({"place": place, "host": host})
        self._environment.filters.update(filters or {})

    def offer(self, name: str, function: Callable[[], Any]) -> None:
        """Let every template call a function by a name, for values outside a page's context."""
        self._environment.globals[name] = function

    def text(self, template: str, context: Any) -> str:
        """Return a template, rendered with the fields of a dataclass."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        return linked_under(self._base, self._environment.get_template(template).render(values))

    def page(
        self,
        template: str,
        context: Any,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Return a template, rendered, as a response."""
        return HTMLResponse(self.text(template, context), status, headers)
