"""The chart library is made once, kept, compressed and given to staff only."""

from pathlib import Path

from reports import bundle
from tests.reports.garden import Garden


async def test_the_library_is_made_once_and_then_served_from_the_folder(
    garden: Garden, tmp_path: Path
) -> None:
    client = await garden.signed_in()
    first = await client.get(bundle.bundle_url(), headers={"Accept-Encoding": "gzip"})
    [file] = (tmp_path / "assets").iterdir()
    made = file.stat().st_mtime_ns
    second = await client.get(bundle.bundle_url(), headers={"Accept-Encoding": "identity"})

    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["content-encoding"] == "gzip"
    assert "immutable" in first.headers["cache-control"]
    assert "content-encoding" not in second.headers
    assert first.text == second.text
    assert "window.vegaEmbed=" in second.text
    assert file.stat().st_mtime_ns == made


async def test_the_library_is_not_made_for_strangers(garden: Garden, tmp_path: Path) -> None:
    answer = await garden.client().get(bundle.bundle_url())

    assert answer.status_code == 401
    assert not (tmp_path / "assets").exists()
