"""ua-parser's own rules for browsers, systems and devices, in its native matcher."""

from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

MATCHERS = Resolver(load_builtins())
"""Loading them takes a tenth of a second."""
