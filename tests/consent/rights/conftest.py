"""A warehouse in the folder of each test: what is erased may not be left in its file."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from askfirst.store.warehouse.warehouse import Warehouse


@pytest.fixture
def open_warehouse(tmp_path: Path) -> Iterator[Callable[[], Warehouse]]:
    """Return what opens the warehouse of the test's folder."""
    path = tmp_path / "warehouse.duckdb"
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Warehouse(path)))
