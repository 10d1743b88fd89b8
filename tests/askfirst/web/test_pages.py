"""Pages: escaped, strict about the names in a template, and static files by their hash."""

from dataclasses import dataclass

import pytest
from jinja2 import UndefinedError

from askfirst.system.assets import asset_hash
from askfirst.web import pages


@dataclass(frozen=True)
class Context:
    name: str


@pytest.fixture
def templates(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text("<p>{{ name }}</p>")
    (tmp_path / "filtered.html").write_text("{{ name | loud }}")
    (tmp_path / "wrong.html").write_text("{{ nobody }}")
    monkeypatch.setattr(pages, "asset_path", lambda name: tmp_path)
    return pages.Pages({"loud": str.upper})


def test_what_a_context_says_is_escaped(templates):
    assert templates.text("page.html", Context("<b>&")) == "<p>&lt;b&gt;&amp;</p>"


def test_a_template_that_names_what_the_context_does_not_say_fails(templates):
    with pytest.raises(UndefinedError):
        templates.text("wrong.html", Context("x"))


def test_a_page_is_html_with_its_status_and_headers(templates):
    answer = templates.page("page.html", Context("x"), 404, {"X-Test": "1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-test"] == "1"


def test_named_filters_are_there(templates):
    assert templates.text("filtered.html", Context("x")) == "X"


def test_a_static_address_carries_the_files_hash():
    digest = asset_hash("static/css/public.css")
    assert pages.static_url("css/public.css") == f"/static/css/public.css?v={digest}"
