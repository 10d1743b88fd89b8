"""A real Firefox for the tests of this folder, which are skipped where there is none."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.firefox.driver import Firefox, executable, open_firefox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def firefox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    """Yield the running Firefox."""
    if not executable():
        pytest.skip("Firefox is not installed")
    async with open_firefox(tmp_path_factory.mktemp("firefox")) as opened:
        yield opened
