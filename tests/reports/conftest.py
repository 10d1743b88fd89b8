"""The garden of the report tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reports.garden import Garden, open_garden


@pytest.fixture
async def garden(tmp_path: Path) -> AsyncIterator[Garden]:
    """Open a garden in Berlin, at noon UTC of 1 January 2026."""
    async with open_garden(tmp_path) as opened:
        yield opened
