"""The server for the browser tests of staff's pages: one per module, with the owner's account."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from tests.browser.stage import Stage, open_stage
from tests.reports.garden import EMAIL, HASH


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Yield a running server for this module alone, where the owner has an account."""
    async with open_stage(tmp_path_factory.mktemp("staff")) as opened:
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": 0}
        async with opened.services.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        yield opened
