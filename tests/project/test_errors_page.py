"""docs/errors.md names every error code and every reason, with its status."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from askfirst.consents import Reason
from askfirst.errors import AskfirstError, Refused

ROOT = Path(__file__).parents[2]
ROOMS = ("askfirst", "collector", "consent", "reports", "server")
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ERRORS, REASONS = PAGE.split("## Reasons for a refusal")


def _documented(part: str) -> dict[str, int]:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| .+ \| .+ \|$", part, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a code is documented twice"
    return {code: int(status) for code, status in rows}


def _import_all_rooms() -> None:
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)


def _kinds(kind: type[AskfirstError]) -> Iterator[type[AskfirstError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _codes_given_to_refused() -> Iterator[str]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                if called and node.func.id == "Refused" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        yield first.value


def test_every_error_code_is_documented_with_its_status_and_nothing_else_is() -> None:
    _import_all_rooms()
    raised = {kind.code: kind.status for kind in _kinds(AskfirstError) if kind is not Refused}
    named = dict.fromkeys(_codes_given_to_refused(), Refused.status)
    reasons = {reason.value for reason in Reason}
    expected = raised | {code: status for code, status in named.items() if code not in reasons}
    assert _documented(ERRORS) == expected


def test_every_reason_is_documented_with_its_status_and_nothing_else_is() -> None:
    errors = _documented(ERRORS)
    expected = {reason.value: errors.get(reason.value, Refused.status) for reason in Reason}
    assert _documented(REASONS) == expected
