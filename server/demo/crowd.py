"""Who visits the demo: made-up habits, sources, languages and browsers, each with its weight."""

# ruff: noqa: E501 - user agents are as long as they are

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from server.demo.website import ARTICLES

Of = TypeVar("Of")


class Odds(Generic[Of]):
    """Things to draw from, each with a weight."""

    def __init__(self, weighted: Sequence[tuple[Of, int]]) -> None:
        self._things = [thing for thing, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def draw(self, made_by: random.Random) -> Of:
        """Draw one at random."""
        return made_by.choices(self._things, cum_weights=self._sums)[0]


RETURNING = 0.38  # the share of visits by returning visitors
VIEWS = Odds(((1, 40), (2, 20), (3, 14), (4, 9), (6, 10), (9, 5), (14, 2)))
COVERAGE = 0.62  # the share of page loads with consent
SILENT = Odds((("refused", 42), ("refused before", 20), ("no answer", 26), ("signal", 12)))
"""Visitors who do not accept, while the newest wording is in force."""
SILENT_AT_FIRST = Odds((("refused", 54), ("refused before", 16), ("no answer", 30), ("signal", 12)))
"""The same while the first wording was in force."""
METHODS = Odds((("banner", 87), ("preferences", 11), ("form", 2)))
TURNED_AWAY = {"bot": 0.21, "no_consent": 0.012, "withdrawn": 0.008, "malformed": 0.004}
"""Refused events, by reason, for each visitor who accepts."""
WITHDRAWING = 0.02  # of those who accept
ERASING = 0.4  # of those who withdraw, at once; the rows of the others are erased after 30 days
DAYS_UNTIL_WITHDRAWN = 2.5  # on average
FIRST_WORDS = {"en": {"banner.title": "May we note down your visit?"}}
HOURS = Odds(
    tuple(
        enumerate(
            (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 11, 12, 12, 11, 10, 10, 11, 13, 14, 12, 8, 4)
        )
    )
)
PAGES = ("/", "/opening-hours", "/catalogue", "/articles", "/events", "/contact", *ARTICLES)
FIRST_PAGES = Odds(tuple(zip(PAGES, (40, 6, 4, 4, 5, 2, 14, 12, 8, 5), strict=True)))
SOURCES = Odds(
    (
        ("", 45),
        ("https://www.google.com/", 24),
        ("https://duckduckgo.com/", 7),
        ("https://www.bing.com/", 5),
        ("https://news.ycombinator.com/item?id=1", 5),
        ("https://mastodon.social/@harbourlane", 4),
        ("https://www.reddit.com/r/books/", 4),
        ("https://en.wikipedia.org/wiki/Lighthouse", 3),
        ("https://chatgpt.com/", 2),
        ("https://library.example.org/links", 1),
    )
)
LANGUAGES = Odds((("en-GB,en;q=0.8", 40), ("en-US,en;q=0.9", 22), ("de-DE,de", 14), ("fr-FR,fr", 9),
              ("nl-NL,nl", 6), ("es-ES,es", 5), ("pl-PL,pl", 4)))  # fmt: skip
LANGUAGES_ASKED = ("en", "de", "fr", "nl", "es", "pl")
COUNTRIES = {"GB": 1.0, "US": 0.25, "DE": 0.8, "FR": 0.6, "NL": 0.9, "IE": 1.0, "ES": 0.5}
AGENTS = Odds((
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", 30),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 22),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", 18),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", 9),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", 7),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0", 6),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", 6),
    ("Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 2),
))  # fmt: skip
