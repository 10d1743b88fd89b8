"""Who visits the demo: made-up habits, sources and languages, each with its weight."""

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

from server.demo.website import ARTICLES

Of = TypeVar("Of")


class Odds(Generic[Of]):
    """Things to draw from, each with a weight."""

    def __init__(self, weighted: Sequence[tuple[Of, int]]) -> None:
        self._things = [thing for thing, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def draw(self, made_by: random.Random) -> Of:
        """Draw one at random."""
        return self._things[bisect(self._sums, made_by.random() * self._sums[-1])]


RETURNING = 0.38  # the share of visits by returning visitors
VIEWS = Odds(((1, 52), (2, 20), (3, 11), (4, 7), (6, 6), (9, 3), (14, 1)))
COVERAGE = 0.62  # the share of page loads with consent
SILENT = Odds((("refused", 42), ("refused before", 20), ("no answer", 26), ("signal", 12)))
"""Visitors who do not accept, while the newest wording is in force."""
SILENT_AT_FIRST = Odds((("refused", 54), ("refused before", 16), ("no answer", 30), ("signal", 12)))
"""The same while the first wording was in force."""
METHODS = Odds((("banner", 87), ("preferences", 11), ("form", 2)))
TURNED_AWAY = {"bot": 0.09, "no_consent": 0.012, "withdrawn": 0.008, "malformed": 0.004}
"""Refused events, by reason, for each visitor who accepts."""
CRAWLERS = ("GPTBot", "Googlebot", "ClaudeBot")
"""Those whose events are refused, in turn."""
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
PAGES = (
    *("/", "/opening-hours", "/catalogue", "/articles", "/events", "/support", "/contact"),
    *ARTICLES,
)
FOLLOWING = {page: tuple(other for other in PAGES if other != page) for page in PAGES}
FIRST_PAGES = Odds(tuple(zip(PAGES, (40, 6, 4, 4, 5, 1, 2, 14, 12, 8, 5), strict=True)))
GONE = Odds((("/opening-times.html", 5), ("/articles/fog-horns", 3), ("/catalog", 2)))
"""Pages that the website does not have any more, but others link to."""
LOST = 0.015  # the share of visits that begin there
DESK_EVERY = 100  # of so many visits one begins on the page for the library's own people
DESK_PAGE = "/staff/rota"
DESK_NETWORK = "203.0.113.0/24"
"""Where the library's own machines are (RFC 5737)."""
VISITS_FROM_DESK = 0.03  # for each visit from elsewhere


class Source(NamedTuple):
    """Where a visit comes from: the referrer, and what the link adds to the page's address."""

    referrer: str = ""
    query: str = ""


_GOOGLE = "https://www.google.com/"
_CARD = "?utm_source=google&utm_medium=cpc&utm_campaign=library-card&utm_term=library+card"
_LETTER = "?utm_source=harbour-letter&utm_medium=email&utm_campaign="
DIRECT = Source()
SOURCES = Odds(
    (
        (DIRECT, 38),
        (Source(_GOOGLE), 22),
        (Source("https://duckduckgo.com/"), 6),
        (Source("https://www.bing.com/"), 4),
        (Source("https://www.ecosia.org/"), 2),
        (Source("android-app://com.google.android.googlequicksearchbox/"), 2),
        (Source(_GOOGLE, f"{_CARD}&gclid=Cj0KCQiA"), 3),
        (Source("https://www.bing.com/", "?msclkid=8f14e45f"), 1),
        (Source("", f"{_LETTER}autumn-reads"), 4),
        (Source("https://mail.google.com/", f"{_LETTER}story-hour"), 2),
        (Source("android-app://com.google.android.gm/"), 1),
        (Source("https://chatgpt.com/", "?utm_source=chatgpt.com"), 3),
        (Source("https://www.perplexity.ai/"), 1),
        (Source("https://claude.ai/"), 1),
        (Source("https://news.ycombinator.com/item?id=1"), 3),
        (Source("https://mastodon.social/@harbourlane"), 3),
        (Source("https://www.reddit.com/r/books/"), 3),
        (Source("https://l.facebook.com/", "?fbclid=IwAR0"), 3),
        (Source("https://bsky.app/"), 2),
        (Source("https://www.youtube.com/"), 1),
        (Source("https://en.wikipedia.org/wiki/Lighthouse"), 3),
        (Source("https://library.example.org/links"), 1),
        (
            Source(
                "", "?utm_source=poster&utm_medium=print&utm_campaign=story-hour&utm_content=quay"
            ),
            1,
        ),
    )
)
LANGUAGES = Odds(
    (
        ("en-GB,en;q=0.9", 36),
        ("en-US,en;q=0.9", 20),
        ("en-IE,en;q=0.9,ga;q=0.8", 4),
        ("de-DE,de;q=0.9,en;q=0.7", 12),
        ("de-AT,de;q=0.9,en;q=0.5", 2),
        ("fr-FR,fr;q=0.9,en;q=0.6", 9),
        ("nl-NL,nl;q=0.9,en;q=0.8", 6),
        ("es-ES,es;q=0.9", 5),
        ("pl-PL,pl;q=0.9,en;q=0.8", 4),
        ("cy,en-GB;q=0.8,en;q=0.7", 2),
    )
)
LANGUAGES_ASKED = ("en", "de", "fr", "nl", "es", "pl")
COUNTRIES = {"GB": 1.0, "US": 0.25, "DE": 0.8, "FR": 0.6, "NL": 0.9, "IE": 1.0, "ES": 0.5}
TOWNS = {
    "GB": Odds((
        (("England", "Bristol"), 30), (("England", "London"), 22), (("England", "Plymouth"), 12),
        (("Wales", "Cardiff"), 10), (("Scotland", "Glasgow"), 8), (("England", "Leeds"), 7),
        (("Northern Ireland", "Belfast"), 3),
    )),
    "US": Odds((
        (("Massachusetts", "Boston"), 9), (("New York", "New York"), 8), (("Maine", "Portland"), 6),
        (("Washington", "Seattle"), 5), (("California", "San Francisco"), 5),
        (("Illinois", "Chicago"), 4),
    )),
    "DE": Odds(((("Hamburg", "Hamburg"), 6), (("Bremen", "Bremen"), 4), (("Berlin", "Berlin"), 3))),
    "FR": Odds((
        (("Brittany", "Brest"), 5), (("Pays de la Loire", "Nantes"), 4),
        (("Île-de-France", "Paris"), 3),
    )),
    "NL": Odds((
        (("South Holland", "Rotterdam"), 5), (("North Holland", "Amsterdam"), 5),
        (("Groningen", "Groningen"), 2),
    )),
    "IE": Odds((
        (("Munster", "Cork"), 5), (("Leinster", "Dublin"), 4), (("Connacht", "Galway"), 2),
    )),
    "ES": Odds(((("Galicia", "Vigo"), 4), (("Basque Country", "Bilbao"), 3))),
}  # fmt: skip
"""Regions and cities, which the shipped file of places does not tell; the weights are made up."""
