"""`/metrics`: what was not recorded, choices and the disk, in the text format of Prometheus."""

import hmac
from collections.abc import Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.consents import reason_of
from askfirst.errors import NotFound, Refused
from askfirst.recording_rules import AGENT
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import NO_SITE, Tallies
from askfirst.system.disk_space import Storage
from reports.formatting.rule_words import is_rule

PATH = "/metrics"
_CHOICES = ("accepted", "refused", "withdrawal")
_NOBODY = ""

Sums = Sequence[tuple[str, str, int]]
"""The key of a site or '', a reason, and how often."""


def metrics_routes(token: str, book: SiteBook, tallies: Tallies, storage: Storage) -> list[Route]:
    """Return the route of the metrics, which is there when the setting `metrics_token` is set.

    Whoever asks sends the token as `Authorization: Bearer TOKEN`. Raises `NotFound` without the
    setting, and `Refused` for another token.
    """

    async def answer(request: Request) -> Response:
        if not token:
            raise NotFound("There is nothing at this address.")
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise Refused("bad_metrics_token", "The token is not that of the metrics.")
        sums = [(_key(book, site), reason, n) for site, reason, n in await tallies.totals()]
        text = generate_latest(_registry(sums, storage))
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route(PATH, answer)]


def _key(book: SiteBook, number: int) -> str:
    site = None if number == NO_SITE else book.by_id(number)
    return site.key if site else _NOBODY


def _registry(sums: Sums, storage: Storage) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Collected(sums, storage))
    return registry


class _Collected(Collector):
    """The metrics of one request, made of sums that the ledger keeps: they survive a restart."""

    def __init__(self, sums: Sums, storage: Storage) -> None:
        self._sums = sums
        self._storage = storage

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its values by site."""
        refused = [one for one in self._sums if one[1] not in _CHOICES and not is_rule(one[1])]
        yield _counter(
            "askfirst_not_recorded",
            "Requests and events turned away.",
            "reason",
            [(site, reason_of(name)[0], count) for site, name, count in refused],
        )
        crawlers = [(site, reason_of(name)[1], count) for site, name, count in refused]
        yield _counter(
            "askfirst_crawlers_turned_away",
            "Those of them by crawlers that name themselves, by rule.",
            "rule",
            [(site, f"{AGENT}:{name}", count) for site, name, count in crawlers if name],
        )
        yield _counter(
            "askfirst_left_out",
            "Events recorded and left out of the reports, by rule.",
            "rule",
            [one for one in self._sums if is_rule(one[1])],
        )
        yield _counter(
            "askfirst_choices",
            "Choices of visitors.",
            "choice",
            [one for one in self._sums if one[1] in _CHOICES],
        )
        free = self._storage.figure().free
        if free is not None:
            help_text = "Bytes free on the disk of the data folder."
            yield GaugeMetricFamily("askfirst_disk_free_bytes", help_text, value=free)


def _counter(name: str, help_text: str, label: str, sums: Sums) -> Metric:
    counter = CounterMetricFamily(name, help_text, labels=["site", label])
    added: dict[tuple[str, str], int] = {}
    for site, reason, count in sums:  # several deleted sites have no key
        added[site, reason] = added.get((site, reason), 0) + count
    for (site, reason), count in added.items():
        counter.add_metric([site, reason], count)
    return counter
