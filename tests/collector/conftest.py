"""Fixtures: a journal in a folder of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.journal.journal import Journal


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.db")
    yield opened
    await opened.close()
