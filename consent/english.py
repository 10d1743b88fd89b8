"""The English words of the question, of the banner and of the policy page; no code."""

from typing import Any

from askfirst.sites import IpMode

FIELDS: dict[str, tuple[str, str]] = {
    "event_id": ("Event number", "A random number, so that nothing is recorded twice."),
    "kind": ("What happened", "Whether you opened a page or followed a link."),
    "time": ("Time", "When it happened, by our clock."),
    "visitor_id": (
        "Visitor number",
        (
            "A random number made when you accept. It holds nothing about you and is used on this"
            " website only."
        ),
    ),
    "visit_id": ("Visit number", "A random number that joins the pages of one visit."),
    "consent_id": ("Consent", "The number of the consent that allows this entry."),
    "policy_version": ("Policy version", "The version of this policy that you accepted."),
    "host": ("Website address", "The host name of the website you visited."),
    "path": ("Page", "The address of the page, without what follows a question mark."),
    "referrer": (
        "Page before",
        "The address of the page from which you came, if your browser passes it on.",
    ),
    "referrer_host": ("Website before", "The website from which you came."),
    "utm_source": ("Campaign source", "Where a marked link stood, as the link itself says."),
    "utm_medium": ("Campaign medium", "What kind of link it was, as the link itself says."),
    "utm_campaign": ("Campaign name", "The campaign, as the link itself says."),
    "link_url": ("Link followed", "The address of a link that you followed."),
    "link_kind": (
        "Kind of link",
        "Whether the link led within the website, to another one, or to a download.",
    ),
    "ip": ("IP address", "The internet address of your connection, whole."),
    "country": ("Country", "The country of your internet address, looked up on our own server."),
    "browser": (
        "Browser",
        (
            "The name of your browser. Your browser sends it with every request; we read it and do"
            " not keep the rest of what it sends."
        ),
    ),
    "browser_version": ("Browser version", "The version of your browser."),
    "os": ("Operating system", "For example Windows or Android."),
    "os_version": ("Operating system version", "The version of your operating system."),
    "device": ("Device", "Whether it is a computer, a phone or a tablet."),
    "language": ("Language", "The language that your browser prefers."),
}
"""Each recorded column that says something of the visitor: its title and its sentence."""

IP_TEXTS: dict[IpMode, tuple[str, str]] = {
    "whole": FIELDS["ip"],
    "shortened": (
        "IP address",
        (
            "The internet address of your connection, shortened, so that it does not name one"
            " connection."
        ),
    ),
    "dropped": (
        "IP address",
        "Not kept: the internet address is used to look up the country and is then dropped.",
    ),
}

TEXTS: dict[str, Any] = {
    "purpose": {
        "title": "Visit statistics",
        "text": "To learn which pages are read and which links are followed, and to improve this"
        " website. Nothing else is done with it.",
    },
    "page": {"recipients": "nobody"},
    "rights": [
        (
            "Withdraw your consent at any time, with one click on “Withdraw consent”, on every"
            " page. What was recorded before stays until you have it erased."
        ),
        (
            "Have everything that was recorded about your visits erased. Right after you withdraw,"
            " the same place offers it; afterwards, write to the contact named on this page."
        ),
        (
            "Ask for a copy of it, have it corrected, take it along, or have its use restricted:"
            " write to the contact named on this page."
        ),
        "Complain to the data protection authority where you live or work.",
    ],
    "banner": {
        "title": "May we record your visit?",
        "intro": "{name} would like to record which pages you open and which links you follow,"
        " to improve this website. Nothing is recorded unless you accept. The website works the"
        " same either way, and you can withdraw at any time.",
        "accept": "Accept statistics",
        "refuse": "Refuse statistics",
        "preferences": "Details and choices",
        "save": "Save choice",
        "withdraw": "Withdraw consent",
        "erase": "Erase what was recorded",
        "keep": "Keep it",
        "close": "Close",
        "policy": "Privacy policy",
        "control": "Privacy choices",
        "thanks": "Thank you. Your choice is saved; you can change it here at any time.",
        "refused": "Nothing is recorded. We ask again in {days} days at the earliest.",
        "withdrawn": "Your consent is withdrawn. From now on nothing is recorded. Shall we also"
        " erase what was recorded until now?",
        "erase_now": "Now is the moment to do it from this browser. Afterwards this browser no"
        " longer knows which entries are yours, and you would write to {contact}.",
        "erased": "What was recorded about your visits is erased.",
        "receipt": "Receipt number",
        "receipt_text": "Note it if you may want to refer to this erasure later, for example when"
        " you write to {contact}.",
        "failed": "Your choice could not be saved, so nothing is recorded. Please try again.",
        "state_granted": "You accepted: your visit is recorded.",
        "state_refused": "You refused or withdrew: nothing is recorded.",
        "state_withdrawn": "You withdrew your consent: nothing is recorded any more.",
        "state_none": "You have not chosen yet: nothing is recorded.",
        "gpc": "Your browser asks websites not to track you (Global Privacy Control), so nothing"
        " is recorded unless you accept here.",
        "fields_title": "What is recorded if you accept",
        "controller": "Responsible",
        "retention": "Kept for at most",
        "recipients": "Shared with",
        "rights": "Your rights",
    },
}
"""Texts by their place; `{name}`, `{contact}` and `{days}` are filled in when published."""
