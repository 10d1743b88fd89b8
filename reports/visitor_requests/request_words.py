"""What requests of visitors ask for, how they come and what is done about them, in words."""

from dataclasses import dataclass

KINDS = {
    "see": "See the data",
    "correct": "Correct data",
    "take": "Take the data along",
    "restrict": "Restrict the use",
    "erase": "Erase the data",
    "object": "Object to the use",
    "other": "Something else",
}
"""What visitors ask for, in the words of a list."""
WAYS = {
    "mail": "By email",
    "post": "By post",
    "telephone": "By telephone",
    "person": "In person",
    "page": "On the visitor’s page",
}
"""How a request comes."""

OPEN, ANSWERED, REFUSED, EXTENDED = "open", "answered", "refused", "extended"
STATES = {OPEN: "Open", EXTENDED: "Extended", ANSWERED: "Answered", REFUSED: "Refused"}
WAITING = (OPEN, EXTENDED)
"""The states in which a request waits for an answer."""
CLOSED = (ANSWERED, REFUSED)


@dataclass(frozen=True)
class Deed:
    """What can be done about a request in some states.

    `choice` names it in the form and `done` in the log, behind an account's name; `state` is the
    state after it, '' where that stays; `needs_words` says whether a reason has to be given.
    """

    choice: str
    done: str
    states: tuple[str, ...]
    state: str = ""
    needs_words: bool = True


NOTED, WHOSE, IDENTITY, EXTENDING, REOPENING = "noted", "whose", "identity", "extended", "reopened"
DEEDS = {
    IDENTITY: Deed("The identity was checked", "checked the identity", WAITING),
    ANSWERED: Deed("Answered", "answered", WAITING, ANSWERED, needs_words=False),
    REFUSED: Deed("Refused, with this reason", "refused", WAITING, REFUSED),
    EXTENDING: Deed(
        "Extended by two months, with this reason", "extended by two months", (OPEN,), EXTENDED
    ),
    REOPENING: Deed("Opened again", "opened it again", CLOSED, OPEN),
}
"""What the form offers, by the name that is stored."""
DONE = {NOTED: "noted the request", WHOSE: "said whom it is of"} | {
    name: deed.done for name, deed in DEEDS.items()
}
"""What is said in the log."""
