"""Each page uses exactly the fields of its dataclass, which lies in the folder of its name."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, meta, nodes

from askfirst.web.shown_addresses import host, place
from reports.formatting.template_filters import filters
from tests.factories import NOON, StoppedClock

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
ROOMS = ("consent", "reports")
GLOBALS = {
    "base_path",
    "disk_short_since",
    "every_site",
    "places_provider",
    "readers_language",
    "static_url",
}


def _contexts() -> Iterator[tuple[str, Any]]:
    """Yield each dataclass whose docstring begins with the name of a template, with its address."""
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for value in vars(module).values():
            named = is_dataclass(value) and re.match(r"`(\w+\.html)`", value.__doc__ or "")
            if named and value.__module__ == module.__name__:
                yield (path.parent / named[1]).relative_to(ROOT).as_posix(), value


PAGES = dict(_contexts())
PARTIALS = sorted(
    p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("reports/**/_*.html")
)
_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
_filters = filters(StoppedClock(NOON))
_environment.filters.update(_filters | {"host": host, "place": place})


def _tree(name: str) -> nodes.Template:
    return _environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def _used(name: str) -> set[str]:
    """Return what a template and those it extends or includes take from the context."""
    tree = _tree(name)
    parents = [node.template.value for node in tree.find_all((nodes.Extends, nodes.Include))]
    # Blocks of a child template see the macros that it imports, which Jinja does not tell here.
    macros = {name for node in tree.find_all(nodes.FromImport) for name in node.names}
    # A name that is set inside a condition is told as if it came from outside.
    own = {node.target.name for node in tree.find_all(nodes.Assign)}
    used = meta.find_undeclared_variables(tree) - GLOBALS - macros - own
    return used.union(*(_used(parent) for parent in parents))


@pytest.mark.parametrize("page", PAGES)
def test_a_template_and_its_dataclass_name_the_same_fields(page: str) -> None:
    assert _used(page) == {field.name for field in fields(PAGES[page])}


def test_every_page_has_a_dataclass_in_the_folder_of_its_name() -> None:
    found = [path for room in ROOMS for path in (TEMPLATES / room).rglob("[!_]*.html")]
    pages = {path.relative_to(TEMPLATES).as_posix() for path in found}

    assert len(pages) > 20
    assert pages == set(PAGES)


@pytest.mark.parametrize("name", PARTIALS)
def test_a_partial_takes_everything_by_its_macros_arguments(name: str) -> None:
    assert meta.find_undeclared_variables(_tree(name)) <= GLOBALS


def test_every_filter_is_used_by_a_template() -> None:
    trees = [_tree(name) for name in [*PAGES, *PARTIALS]]
    used = {node.name for tree in trees for node in tree.find_all(nodes.Filter)}

    assert set(_filters) <= used


def test_every_address_of_ours_in_a_template_begins_with_the_base_path() -> None:
    """The demo's own website has a port, and an origin, of its own."""
    bare = re.compile(r'\b(?:href|src|action|formaction|data-[a-z-]+|poster|srcset)="/')
    pages = [path for path in TEMPLATES.rglob("*.html") if path.parent.name != "demo"]
    found = {path.name: bare.findall(path.read_text(encoding="utf-8")) for path in pages}

    assert len(pages) > 30
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_no_name_that_a_frame_sets_hides_a_field_of_a_page() -> None:
    hidden = {node.target.name for node in _tree("base.html").find_all(nodes.Assign)}
    shown = {field.name for context in PAGES.values() for field in fields(context)}

    assert hidden
    assert not hidden & shown
