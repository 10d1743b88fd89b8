"""Each report template uses exactly the fields of its dataclass: none unknown, none unused."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta, nodes

from askfirst.web.shown_addresses import host, place
from reports import contexts, report_contexts
from reports.formatting.template_filters import filters
from reports.records import records
from reports.rights import rights
from reports.sites import delete_site
from reports.staff import account, account_log, reset
from tests.factories import NOON, StoppedClock

TEMPLATES = Path(__file__).parents[2] / "templates"
GLOBALS = {"base_path", "disk_short_since", "every_site", "static_url"}
PAGES = {
    "notice.html": contexts.NoticePage,
    "sign_in.html": contexts.SignInPage,
    "setup.html": contexts.SetupPage,
    "reset.html": reset.ResetPage,
    "account.html": account.AccountPage,
    "account_log.html": account_log.AccountLogPage,
    "new_site.html": contexts.NewSitePage,
    "settings.html": contexts.SettingsPage,
    "records.html": records.RecordsPage,
    "delete_site.html": delete_site.DeleteSitePage,
    "wording.html": contexts.WordingPage,
    "wording_review.html": contexts.WordingReviewPage,
    "wording_preview.html": contexts.WordingPreview,
    "sites.html": contexts.SitesPage,
    "install.html": contexts.InstallPage,
    "overview.html": report_contexts.OverviewPage,
    "list.html": report_contexts.ListPage,
    "choices.html": report_contexts.ChoicesPage,
    "consent_check.html": report_contexts.ConsentCheckPage,
    "visitors.html": report_contexts.VisitorsPage,
    "visitor.html": report_contexts.VisitorPage,
    "find.html": rights.FindPage,
    "erase_visitor.html": rights.EraseVisitorPage,
    "visitor_erased.html": rights.VisitorErasedPage,
}
_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
_filters = filters(StoppedClock(NOON))
_environment.filters.update(_filters | {"host": host, "place": place})


def _tree(name: str) -> nodes.Template:
    return _environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def _used(name: str) -> set[str]:
    """Give what a template and those it extends or includes take from the context."""
    tree = _tree(name)
    parents = [node.template.value for node in tree.find_all((nodes.Extends, nodes.Include))]
    # Blocks of a child template see the macros that it imports, which Jinja does not tell here.
    macros = {name for node in tree.find_all(nodes.FromImport) for name in node.names}
    used = meta.find_undeclared_variables(tree) - GLOBALS - macros
    return used.union(*(_used(parent) for parent in parents))


@pytest.mark.parametrize("page", PAGES)
def test_a_template_and_its_dataclass_name_the_same_fields(page: str) -> None:
    assert _used(f"reports/{page}") == {field.name for field in fields(PAGES[page])}


def test_every_report_template_has_a_dataclass() -> None:
    pages = {path.name for path in (TEMPLATES / "reports").glob("[!_]*.html")}

    assert pages == set(PAGES)


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.glob("reports/_*.html")))
def test_a_partial_takes_everything_by_its_macros_arguments(name: str) -> None:
    assert meta.find_undeclared_variables(_tree(f"reports/{name}")) <= GLOBALS


def test_every_filter_is_used_by_a_template() -> None:
    trees = [_tree(f"reports/{path.name}") for path in TEMPLATES.glob("reports/*.html")]
    used = {node.name for tree in trees for node in tree.find_all(nodes.Filter)}

    assert set(_filters) <= used


def test_every_address_of_ours_in_a_template_begins_with_the_base_path() -> None:
    """The demo's own website has a port, and an origin, of its own."""
    bare = re.compile(r'\b(?:href|src|action|formaction|data-[a-z-]+|poster|srcset)="/')
    pages = [path for path in TEMPLATES.rglob("*.html") if path.parent.name != "demo"]
    found = {path.name: bare.findall(path.read_text(encoding="utf-8")) for path in pages}

    assert len(pages) > 30
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
