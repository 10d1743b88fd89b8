"""Standard output has nothing but a command's answer; what is logged goes to standard error."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer

from server.cli import commands

SERVING = {"serve", "demo"}
"""Commands that end when they are stopped."""


def leaves(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Return every command below one, by the words that call it."""
    below = getattr(command, "commands", {})
    if not below:
        yield name, command
    for word, one in below.items():
        yield from leaves(one, f"{name} {word}".strip())


COMMANDS = {
    name: command
    for name, command in leaves(typer.main.get_command(commands))
    if name not in SERVING
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_logs_is_one_json_object_a_line_on_standard_error(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    structlog.reset_defaults()
    try:
        with suppress(Exception):  # nothing is asked of it that could be done
            COMMANDS[name].callback(
                **dict.fromkeys(one.name or "" for one in COMMANDS[name].params)
            )
        capsys.readouterr()
        structlog.get_logger().warning("something_happened", number=7)
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr()
    [line] = said.err.splitlines()

    assert said.out == ""
    assert json.loads(line)["event"] == "something_happened"
