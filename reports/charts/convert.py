"""Converts Vega-Lite to files, and makes the script of interactive charts: a process of its own.

vl-convert holds Python's lock for as long as it works, half a second at first and a second and a
half for the script, and its JavaScript engine keeps some hundred MiB. So `images.py` starts this
file for each, and the memory is given back when it ends. It imports nothing of ours.
"""

import json
import sys
from typing import Any

import vl_convert


def converted(asked: dict[str, Any]) -> bytes:
    """Return the file for `spec` in `form`, or where there is none the script with `snippet`."""
    if "spec" not in asked:
        return vl_convert.javascript_bundle(asked["snippet"]).encode()
    spec, form = asked["spec"], asked["form"]
    if form == "svg":
        return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode()
    if form == "pdf":
        return vl_convert.vegalite_to_pdf(spec, allowed_base_urls=[])
    return vl_convert.vegalite_to_png(spec, scale=asked["scale"], allowed_base_urls=[])


if __name__ == "__main__":
    sys.stdout.buffer.write(converted(json.load(sys.stdin.buffer)))
