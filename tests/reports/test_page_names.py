"""A page of staff, its context, its template and its tests have the same name."""

from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT / "templates").with_suffix("").as_posix()
    for path in (ROOT / "templates" / "reports").rglob("[!_]*.html")
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_served_by_the_file_of_its_templates_name(page: str) -> None:
    """That file holds the dataclass `NamePage` and renders the template."""
    template = f"{page}.html"
    name = "".join(map(str.capitalize, Path(page).name.split("_")))
    context = getattr(import_module(page.replace("/", ".")), f"{name}Page")

    assert is_dataclass(context)
    assert (context.__doc__ or "").startswith(f"`{Path(template).name}`: ")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_tests_in_the_file_of_its_name(page: str) -> None:
    folder, _, name = page.rpartition("/")

    assert (ROOT / "tests" / folder / f"test_{name}.py").is_file()


def test_every_page_of_staff_is_looked_at() -> None:
    assert len(PAGES) > 20
