"""The names of steps: each is a path, or the address of a link."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.rows import WANTED, texts_wanted
from reports.questions.paths.pages import key_of_page
from reports.questions.paths.steps import text_key


@dataclass(frozen=True)
class Step:
    """A page by its path, or a link by its address."""

    name: str
    is_link: bool = False


def named(page: Page, steps: Iterable[int]) -> dict[int, Step]:
    """Look up the steps that questions return as numbers; it blocks."""
    keys = {step: text_key(step) for step in set(steps) if step}
    known = {(column, 0): "" for column in ("path", "link_url")}
    wanted = [key for key in keys.values() if key not in known]
    if wanted:
        columns, ids = zip(*wanted, strict=True)
        page.keep_rows(WANTED, pa.table({"column": columns, "id": pa.array(ids, pa.int32())}))
        rows = page.ask(texts_wanted)
        known |= {(c, int(i)): t for c, i, t in zip(*(rows[n] for n in rows), strict=True)}
    return {step: Step(known[key], key[0] != "path") for step, key in keys.items()}


def page_key(page: Page, path: str) -> int | None:
    """Look up the key of a path, None where no event has it; it blocks."""
    if not path:
        return 0
    found = page.ask(key_of_page, Text(path))
    return int(found["id"].iloc[0]) if len(found) else None
