"""How the banner or the form looked, as one hash that stands in each consent record."""

from collections.abc import Callable, Mapping
from typing import Any

from askfirst.store.ledger.sites.policies import content_hash
from askfirst.system.assets import asset_hash

ScriptsHash = Callable[[], str]
"""Returns the SHA-256 of the scripts that draw the banner, in hexadecimal."""

_FORM = "templates/consent/choice/form_page.html"


def ui_hash(shown: Mapping[str, Any], method: str, scripts: str) -> str:
    """Return the SHA-256, in hexadecimal, of how a wording was shown by one control.

    It covers the scripts that draw (for the form its template), the theme, and the labels in the
    order of the wording.
    """
    drawn_by = asset_hash(_FORM) if method == "form" else scripts
    labels = [*shown["texts"].items(), *shown["preferences"].items()]
    return content_hash(
        {"drawn_by": drawn_by, "method": method, "theme": shown["theme"], "labels": labels}
    )
