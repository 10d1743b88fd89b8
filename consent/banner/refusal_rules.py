"""Rules by which browser tools refuse our banner automatically, in the tools' own formats.

None of them accepts: only a person can accept here.
"""

from typing import Any

BANNER = "#askfirst-banner"
REFUSE = f"{BANNER} [data-askfirst=refuse]"
CHOICE_COOKIE = "askfirst_"  # without the site's key, which differs from site to site
REFUSED_VALUE = "=no"

AUTOCONSENT: dict[str, Any] = {
    "name": "askfirst",
    "prehideSelectors": [BANNER],
    "detectCmp": [{"exists": REFUSE}],
    "detectPopup": [{"visible": BANNER}],
    "optIn": [],
    "optOut": [{"waitForThenClick": REFUSE}],
    "test": [
        {"cookieContains": CHOICE_COOKIE},
        {"exists": BANNER, "negated": True},
        {"cookieContains": REFUSED_VALUE},
    ],
}
"""One rule as DuckDuckGo's autoconsent reads it."""


def _css(selector: str, **more: Any) -> dict[str, Any]:
    return {"type": "css", "target": {"selector": selector, **more}}


CONSENT_O_MATIC: dict[str, Any] = {
    "askfirst": {
        "detectors": [
            {
                "presentMatcher": [_css(REFUSE)],
                "showingMatcher": [_css(BANNER, displayFilter=True)],
            }
        ],
        "methods": [
            {"name": "HIDE_CMP", "action": {"type": "hide", "target": {"selector": BANNER}}},
            {"name": "DO_CONSENT", "action": {"type": "click", "target": {"selector": REFUSE}}},
        ],
    }
}
"""A rule list as Consent-O-Matic reads it; it refuses here, whatever its user allows."""
