"""What visitors do, in words, and what is wrong with what was typed as a goal or a step."""

from collections.abc import Mapping

from askfirst.columns import REVENUE
from askfirst.sites import Site
from askfirst.store.ledger.goals import Deed, Goal, Plans, Step
from askfirst.store.warehouse.filters.conditions import columns_for
from reports.questions.goals.matchers import COLUMN_OF, columns_of

WHAT_WORDS: dict[str, str] = {
    "page": "Opens a page",
    "click": "Follows a link",
    "outbound": "Follows a link to another site",
    "download": "Downloads a file",
    "mail": "Follows an e-mail link",
    "telephone": "Follows a telephone link",
    "form": "Sends a form",
    "event": "Does something that the site names",
}
"""What a goal can ask for, in the order of the form."""
ICONS: dict[str, str] = {
    "page": "page",
    "click": "click",
    "outbound": "outbound",
    "download": "download",
    "mail": "mail",
    "telephone": "phone",
    "form": "form",
    "event": "check",
}
_CLICKS = {
    "click": "Link",
    "outbound": "Link to",
    "download": "Download of",
    "mail": "E-mail link",
    "telephone": "Telephone link",
}
_ANY_CLICK = {
    "click": "Any link",
    "outbound": "Any link to another site",
    "download": "Any download",
    "mail": "Any e-mail link",
    "telephone": "Any telephone link",
}

LONGEST_NAME = 100
LONGEST_PATTERN = 300
MOST_STARS = 10

NO_NAME = f"Say what it is called, in at most {LONGEST_NAME} characters."
NOT_TOLD = "The site’s policy does not cover this for visit statistics."
NO_AMOUNTS = "The site’s policy does not record amounts."


def how(deed: Deed) -> str:
    """Write what a deed asks for: Page /join, Form “booking” sent, Download of /files/*."""
    if deed.what == "page":
        return f"Page {deed.pattern}"
    if deed.what == "form":
        return f"Form “{deed.pattern}” sent"
    if deed.what == "event":
        return f"Event “{deed.pattern}”"
    return f"{_CLICKS[deed.what]} {deed.pattern}" if deed.pattern else _ANY_CLICK[deed.what]


def step_name(step: Step, plans: Plans) -> str:
    """Return what a step is called: its goal's name, or what it asks for."""
    goal = plans.goal(step.goal) if step.goal else None
    return goal.name if goal else how(step.deed)


def fault_of_name(name: str) -> str:
    """Return what is wrong with a name, as a sentence; '' where nothing is."""
    fits = name and len(name) <= LONGEST_NAME and name.isprintable()
    return "" if fits else NO_NAME


def fault_of_deed(deed: Deed, site: Site) -> str:
    """Return what is wrong with a deed, as a sentence; '' where nothing is."""
    if deed.what not in WHAT_WORDS:
        return "Choose what visitors do."
    return fault_of_pattern(deed) or ("" if is_told(deed, site) else NOT_TOLD)


def fault_of_pattern(deed: Deed) -> str:
    """Return what is wrong with the pattern of a deed, as a sentence; '' where nothing is."""
    pattern = deed.pattern
    if len(pattern) > LONGEST_PATTERN:
        return f"It has at most {LONGEST_PATTERN} characters."
    if not pattern.isprintable():
        return "It is one line of letters that can be read."
    if pattern.count("*") > MOST_STARS:
        return f"It has at most {MOST_STARS} stars."
    if not pattern and COLUMN_OF[deed.what] != "link_url":
        return "Say which: a * stands for any characters."
    if deed.what == "page" and pattern[0] not in "/*":
        return "A page is written without https:// and the host, such as /join."
    return ""


def is_told(deed: Deed, site: Site) -> bool:
    """Return whether the site's policy covers what a deed is about for visit statistics."""
    return columns_of(deed) <= columns_for(site)


def tells_amounts(site: Site) -> bool:
    """Return whether visitors who said yes to it have their amounts recorded, for revenue."""
    purposes: Mapping[str, str] = site.column_purposes
    return all(purposes.get(name, REVENUE) == REVENUE for name in ("amount", "currency"))


def fault_of_goal(goal: Goal, site: Site) -> str:
    """Return why a stored goal is not counted any more, as a sentence; '' where it is."""
    return fault_of_deed(goal.deed, site)
