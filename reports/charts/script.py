"""The script of interactive charts: Vega, Vega-Lite and Vega-Embed, of the bundle of vl-convert."""

from functools import cache
from importlib.metadata import version

import brotli

from askfirst.web.content_encodings import ENCODINGS, best_encoding, encoded
from reports.charts.images import convert, in_turn

VERSION = version("vl-convert-python")
"""The version that its address carries, so that browsers keep it until there is another one."""
_EFFORT = 9  # of brotli: a fifth of the time that the most takes
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


async def script(accepted: str) -> tuple[bytes, str]:
    """Return the script and its encoding, by an `Accept-Encoding` header; raises `Unavailable`.

    It is made when it is first asked for, which takes some seconds, and kept encoded.
    """
    encoding = best_encoding(accepted)
    every = await in_turn(_every)
    if encoding:
        return every[encoding], encoding
    return await in_turn(brotli.decompress, every["br"]), ""


@cache
def _every() -> dict[str, bytes]:
    made = convert({"snippet": _SNIPPET})
    return {name: encoded(made, name, _EFFORT) for name in ENCODINGS}
