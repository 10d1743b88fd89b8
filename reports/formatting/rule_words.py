"""Words for the rules by which the reports leave something out."""

from askfirst.recording_rules import AGENT, NETWORK, PREFETCH, SPAM, UNNAMED, WEBDRIVER
from askfirst.rules.applying import EXCLUDED

_RULES = {
    AGENT: ("Named as a program", "The user agent has the name of a crawler or another program."),
    WEBDRIVER: ("Steered by a program", "The browser says that a program steers it."),
    PREFETCH: ("Fetched ahead", "The browser says that it loads the page before anybody sees it."),
    NETWORK: ("From a network of programs", "The address is in one of the networks named below."),
    EXCLUDED: ("Excluded by your rules", "Your rules for the reports leave it out."),
    UNNAMED: ("Looks like a program", "The wording that was accepted does not name the rule yet."),
    SPAM: ("Referrer spam", "The referrer is a website known to send made-up visits."),
}
"""What each kind of rule is called, and what it means."""


def is_rule(name: str) -> bool:
    """Return whether a tally is of a rule, so that the events are recorded and left out."""
    return name.partition(":")[0] in _RULES


def rule_words(rule: str) -> tuple[str, str]:
    """Return what a rule is called, and what it means.

    E.g. `agent:Googlebot` is `Named as a program: Googlebot`.
    """
    kind, _, name = rule.partition(":")
    label, sentence = _RULES.get(kind, (rule.replace("_", " ").capitalize(), ""))
    return (f"{label}: {name}" if name else label), sentence
