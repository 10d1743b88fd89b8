"""ua-parser's own rules for browsers, systems and devices, in its native matcher."""

from functools import cache

from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver


@cache
def matchers() -> Resolver:
    """Return the matchers; loading them takes a tenth of a second."""
    return Resolver(load_builtins())
