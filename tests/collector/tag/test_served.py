"""The visitor's scripts as they are served, in jsdom: their short names agree in all bundles."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from askfirst.system.assets import asset_path
from collector.tag.scripts import LOADED_PARTS, TAG_PARTS, build

TESTS = asset_path("static").parent / "tests" / "js"
FILES = (
    "asking/managers", "asking/preferences", "asking/tabs", "granted/acts", "granted/delivery",
    "granted/gates", "granted/seen", "granted/vitals", "tag/control", "tag/sites",
)  # fmt: skip
"""Tests that between them load every bundle: views, clicks, forms, events, vitals, withdrawal..."""

NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_every_bundle_works_as_it_is_served(tmp_path: Path) -> None:
    for name, parts in {"tag": TAG_PARTS, **LOADED_PARTS}.items():
        (tmp_path / f"{name}.js").write_bytes(build(parts).plain)

    environment = {**os.environ, "BUNDLES": str(tmp_path)}
    command = [str(NODE), "--test-reporter=tap", str(TESTS / "together.mjs"), *FILES]
    ran = subprocess.run(
        command, check=False, env=environment, capture_output=True, text=True, timeout=300
    )

    failed = [line for line in ran.stdout.splitlines() if line.startswith("not ok")]
    assert (ran.returncode, failed) == (0, []), ran.stdout[-2000:] + ran.stderr
