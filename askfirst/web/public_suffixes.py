"""Public suffixes: domains under which anybody may register names, such as `org` and `co.uk`."""

from functools import lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=1024)
def is_public_suffix(name: str) -> bool:
    """Return whether a domain is a public suffix, by the Public Suffix List.

    The installed list is used, with its private section (`github.io`); a single label that is not
    in it is a suffix, as its rules say. The first call reads the list, which takes 0.2 s.
    """
    return _suffixes().privatesuffix(name) is None


@lru_cache(maxsize=1024)
def is_listed_suffix(name: str) -> bool:
    """Return whether a domain is in the list as a suffix: `localhost` and `lan` are not."""
    return _suffixes().publicsuffix(name, accept_unknown=False) == name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
