"""The overview as a PDF: real text in any script, what is not seen said first, nobody named."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.errors import TookTooLong
from askfirst.store.warehouse.answering.page import Page
from reports.charts import images
from reports.files import files
from reports.files.paper.drawing import drawn
from reports.files.paper.sheet import Sheet, new_sheet
from tests.reports.garden import ANNA, EMAIL, Garden

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c63"
    "600000000200014873ff9a0000000049454e44ae426082"
)
NAMES = (
    "/日本",
    "/עברית",
    "/العربية",
    "/e\u0301\u200d\U0001f600",
    "/a\u2028b",
    "/" + "long-" * 90 + "end",
)


def noting(taken: list[str], write: Any) -> Any:
    def written(sheet: Any, *given: Any, **named: Any) -> Any:
        taken.extend(one for one in given if isinstance(one, str))
        return write(sheet, *given, **named)

    return written


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is written into PDFs, whose charts are a pixel."""
    taken: list[str] = []
    for name in ("cell", "multi_cell"):
        monkeypatch.setattr(Sheet, name, noting(taken, getattr(Sheet, name)))
    monkeypatch.setattr(images, "convert", lambda _asked: PIXEL)
    monkeypatch.setattr(files, "pdf_of", drawn)  # in this process
    return taken


async def test_the_pdf_says_what_the_overview_says_in_any_script_and_names_nobody(
    garden: Garden, texts: list[str]
) -> None:
    for nth, path in enumerate(NAMES):
        garden.event(f"2026-01-01T10:{nth:02d}", path=path)
    for kind, times in (("loaded", 10), ("shown", 3), ("accepted", 2)):
        for _ in range(times):
            garden.deps.counts.add(garden.site.id, kind, "/", "en", 1)
    garden.store()
    client = await garden.signed_in()
    folder = f"/sites/{garden.site.key}/files"
    answer = await client.get(f"{folder}/overview.pdf?period=7d&where=path,is_not,/x&on=events")
    page = (await client.get(f"{folder}?period=7d")).text

    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-1.")
    assert answer.headers["content-disposition"].endswith('-2025-12-26-2026-01-01.pdf"')
    seen = next(nth for nth, text in enumerate(texts) if "of page loads recorded" in text)
    assert texts[seen].startswith("60%")
    assert seen < texts.index("Page views")
    assert texts[texts.index("Page views") + 1] == "6"
    assert any(text.startswith("Only visits where") and "/x" in text for text in texts)
    assert {"/□□", "/עברית", "/العربية"} <= {*texts}
    assert any(text.startswith("…") and text.endswith("-end") for text in texts)
    assert "Page 1 of \ue000" in texts
    assert not [text for text in texts if EMAIL in text or ANNA[:8] in text]
    assert f'href="{folder}/overview.pdf?period=7d" download' in page


async def test_days_without_anything_make_a_pdf_too(garden: Garden, texts: list[str]) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/files/overview.pdf?period=7d&against=none"
    answer = await client.get(path)
    strange = await garden.client().get(path)

    assert answer.content.startswith(b"%PDF-1.")
    assert texts[texts.index("Visitors") + 1] == "0"
    assert "Nobody was asked." in texts
    assert strange.status_code == 303


async def test_a_list_for_which_the_warehouse_took_too_long_is_not_left_out_without_a_word(
    garden: Garden, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    garden.event("2026-01-01T11:00", title="Knots")
    garden.store()
    client, rows = await garden.signed_in(), Page.rows

    def late(page: Page, question: Any, *values: Any) -> Any:
        if question.__name__ == "figures_by":
            raise TookTooLong("Too long.")
        return rows(page, question, *values)

    monkeypatch.setattr(Page, "rows", late)
    path = f"/sites/{garden.site.key}/files/overview.pdf?period=7d&pages=titles"
    assert (await client.get(path)).status_code == 200
    assert "The warehouse took too long for this." in texts[texts.index("Titles") :]


def test_what_is_cut_fits_and_is_marked() -> None:
    with new_sheet("", "", datetime.fromisoformat("2026-01-01")) as sheet:
        sheet.pen(8)

        @settings(max_examples=12)
        @given(text=st.text(max_size=60), width=st.floats(5, 100), end=st.booleans())
        def fits(text: str, width: float, end: bool) -> None:
            shown = sheet.fitted(text, width, end)
            assert sheet.get_string_width(shown) <= width
            whole = sheet.told(text)
            assert shown == whole or whole.endswith(shown[1:]) or whole.startswith(shown[:-1])
            assert shown == whole or "…" in shown

        fits()
        assert "\ue000" not in sheet.fitted("\ue000", 50)
        assert sheet.fitted("/a/very/long/address", 15, from_the_end=True) == "…/address"


def test_the_number_of_sheets_stands_at_the_foot_alone_and_a_long_name_costs_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[int] = []
    with new_sheet("", "/{nb}", datetime.fromisoformat("2026-01-01")) as sheet:
        width = sheet.get_string_width

        def noted(text: str) -> float:
            measured.append(len(text))
            return float(width(text))

        monkeypatch.setattr(sheet, "get_string_width", noted)
        sheet.pen(8)
        sheet.at(14, 20, "/{nb}", 50)
        sheet.at(14, 30, "long" * 2500, 50)
        assert b"placeholder" not in sheet.pages[1].contents
    assert max(measured) < 250
