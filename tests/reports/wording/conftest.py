"""The owner of the tests about wordings."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reports.wording.owner import Owner
from tests.world import open_world


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Owner]:
    """Open a server with a site, and sign its owner in."""
    async with open_world(tmp_path) as world:
        made = Owner(world)
        await made.sign_in()
        yield made
        await made.client.aclose()
