"""A server that sends mail, for the tests of accounts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.consent.accounts.hall import Hall, open_hall


@pytest.fixture
async def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path, monkeypatch) as opened:
        yield opened
