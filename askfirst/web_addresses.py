"""Taking apart what somebody sent as a web address; what is none has empty parts."""

from urllib.parse import SplitResult, urlsplit

NO_ADDRESS = SplitResult("", "", "", "", "")


def split_address(text: str) -> SplitResult:
    """Return the parts of a web address; all are empty where the library cannot read it.

    `urlsplit` raises for an open bracket (`//[`) and for letters that fold to a slash in a host.
    Its `port` raises as well, later, and is not to be asked of what somebody sent.
    """
    try:
        return urlsplit(text)
    except ValueError:
        return NO_ADDRESS
