"""The consent room's door: its routes, made from the memories that the server hands in."""

from starlette.routing import BaseRoute, Route

from consent.banner.counts import BannerCounts
from consent.banner.signals import Signals
from consent.banner.wording_endpoint import WordingEndpoint
from consent.choice.endpoint import ConsentEndpoint
from consent.choice.form_page import FormPage
from consent.dependencies import Dependencies
from consent.policy.pages import PolicyPages
from consent.receipts.pages import ReceiptPages
from consent.requests.rate_limit import ChoicePace

__all__ = ["Dependencies", "routes"]


def routes(deps: Dependencies) -> list[BaseRoute]:
    """Return the routes of the question, of the choice and of the policy."""
    pace = ChoicePace(deps.settings, deps.clock, deps.tokens, deps.ceiling, deps.refuse_if_short)
    endpoint = ConsentEndpoint(deps, pace)
    form = FormPage(deps, pace)
    wordings = WordingEndpoint(deps.book, deps.tallies, BannerCounts(deps))
    receipts = ReceiptPages(deps, pace)
    policies = PolicyPages(deps.book, deps.pages)
    return [
        Route("/consent", endpoint.choose, methods=["POST"]),
        Route("/consent/erase", endpoint.erase, methods=["POST"]),
        Route("/consent/receipt", endpoint.receipt, methods=["POST"]),
        Route("/.well-known/askfirst/{site}.json", receipts.keys),
        Route("/receipt/{site}", receipts.receipt, methods=["GET"]),
        Route("/receipt/{site}", receipts.receipt_of_token, methods=["POST"]),
        Route("/verify/{site}", receipts.verify, methods=["GET"]),
        Route("/verify/{site}", receipts.verify_pasted, methods=["POST"]),
        Route("/choice/{site}", form.show, methods=["GET"]),
        Route("/choice/{site}", form.choose, methods=["POST"]),
        *Signals(deps).routes(),
        Route("/wording/{site}.json", wordings.wording),
        Route("/wording/{site}/control.json", wordings.control),
        Route("/policy/{site}", policies.newest),
        Route("/policy/{site}/compare", policies.compare),
        Route("/policy/{site}/{version}", policies.version),
    ]
