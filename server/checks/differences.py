"""What `askfirst check` finds: a sentence, and what repairs it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be; `repaired_by` says by what it is repaired, or ''."""

    sentence: str
    repaired_by: str = ""


BY_START = "a start of the server, or --repair"
BY_REPAIR = "--repair"
