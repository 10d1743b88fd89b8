"""Rules with which tools refuse our banner by themselves, in the tools' own formats.

None of them accepts: a click that no person made can refuse here and not accept.
"""

from typing import Any

BANNER = "#askfirst-banner"
REFUSE = f"{BANNER} [data-askfirst=refuse]"
CHOICE_COOKIE = "askfirst_"  # and the key of the site, which one rule for all cannot know
A_NO = "=no"

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
        {"cookieContains": A_NO},
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
"""A rule list as Consent-O-Matic reads it; whatever its user allows, it refuses here."""
