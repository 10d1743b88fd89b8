"""docs/settings.md says of every setting what the code says."""

import re
from pathlib import Path
from typing import Annotated, get_args, get_origin

from pydantic.fields import FieldInfo

from askfirst.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) ?\| (.+) \|$", PAGE, re.MULTILINE)


def _default(field: FieldInfo) -> str:
    return "none" if field.default in (None, "", ()) else f"`{field.default}`"


def _allowed(field: FieldInfo) -> str:
    parts = [one.__metadata__ for one in get_args(field.annotation) if get_origin(one) is Annotated]
    metadata = [*field.metadata, *(m for (part, *_) in parts for m in part.metadata)]
    bounds = {name: getattr(m, name) for m in metadata for name in ("ge", "le") if hasattr(m, name)}
    if "le" in bounds:
        return f"{bounds['ge']} to {bounds['le']}"
    return f"at least {bounds['ge']}" if bounds else ""


def test_every_setting_is_on_the_page_and_nothing_else_is() -> None:
    assert [name for name, *_ in ROWS] == list(Settings.model_fields)


def test_the_page_gives_defaults_limits_and_sentences_as_the_code_has_them() -> None:
    fields = Settings.model_fields.items()
    expected = [(n, _default(f), _allowed(f), f.description) for n, f in fields]
    assert expected == ROWS
