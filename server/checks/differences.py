"""What `askfirst check` finds: a sentence, and what mends it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be; `mended_by` says what mends it, '' if nothing can."""

    sentence: str
    mended_by: str = ""


BY_START = "a start of the server, or --mend"
BY_MEND = "--mend"
