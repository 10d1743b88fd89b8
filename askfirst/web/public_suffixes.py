"""Which names anybody may register names below, such as `org` and `co.uk`."""

from functools import lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=1024)
def is_public_suffix(name: str) -> bool:
    """Return whether anybody may register a name right under this one, by the public suffix list.

    The list is the one that is installed, its private section (`github.io`) included; a single
    label that it does not have is taken for a suffix, as its rules say. The first call reads the
    list, which takes a fifth of a second.
    """
    return _suffixes().privatesuffix(name) is None


@lru_cache(maxsize=1024)
def is_listed_suffix(name: str) -> bool:
    """Tell the same of a name, but only where the list has it: `localhost` and `lan` are none."""
    return _suffixes().publicsuffix(name, accept_unknown=False) == name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
