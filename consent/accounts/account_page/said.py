"""What the page says about the form that was just sent."""

from dataclasses import dataclass
from typing import Literal

UNAUTHORIZED = 401
BAD_INPUT = 422
TOO_MANY = 429
Done = Literal[
    "",
    "sent",
    "signed_out",
    "confirmed",
    "saved",
    "password",
    "moving",
    "sure",
    "closed_kept",
    "closed_stay",
    "closed_only",
    "closed_erased",
]
ARRIVED: tuple[Done, ...] = ("confirmed", "password", "saved")
"""What is said to whoever an act has sent to the page, and stands in its address then."""


@dataclass(frozen=True)
class Said:
    """What was done, or what is wrong: `error` is a key of the words, and `form` names the form.

    `email` is the address as it was typed.
    """

    done: Done = ""
    form: str = ""
    error: str = ""
    email: str = ""
    status: int = 200


NOTHING_SAID = Said()


def arrived(text: str) -> Said:
    """Return what the page's address says was done; nothing for any other text."""
    return next((Said(one) for one in ARRIVED if one == text), NOTHING_SAID)


def wrong(form: str, error: str, email: str = "") -> Said:
    """Return what is said of a form that cannot be carried out."""
    return Said(form=form, error=error, email=email, status=BAD_INPUT)


def too_many(form: str, error: str, email: str = "") -> Said:
    """Return what is said of a form that was sent too often."""
    return Said(form=form, error=error, email=email, status=TOO_MANY)
