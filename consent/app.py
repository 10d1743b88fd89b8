"""The routes of consent, built from the dependencies that the server passes in."""

from starlette.routing import BaseRoute, Route

from consent.accounts.account_page.page import AccountHandler
from consent.accounts.pages.fields_page import FieldsHandler
from consent.accounts.pages.messages_page import MessagesHandler
from consent.banner.counts import BannerCounts
from consent.banner.signals import Signals
from consent.banner.wording_endpoint import WordingEndpoint
from consent.choice.endpoint import ConsentEndpoint
from consent.choice.form_page import FormPageHandler
from consent.dependencies import Dependencies
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.site_key_path import SITE_KEY
from consent.my_data.my_data import MyDataHandler
from consent.my_data.taking.own_file import OwnFileHandler
from consent.policy.compare_page import ComparePageHandler
from consent.policy.policy_page import PolicyPageHandler
from consent.receipts.public_keys import PublicKeys
from consent.receipts.receipt_page import ReceiptPageHandler
from consent.receipts.verify_page import VerifyPageHandler

__all__ = ["Dependencies", "routes"]


def routes(deps: Dependencies) -> list[BaseRoute]:
    """Return the routes of the banner, the choice, receipts and the policy."""
    limiter = ChoiceRateLimiter(
        deps.settings, deps.clock, deps.tokens, deps.ceiling, deps.refuse_if_short
    )
    endpoint = ConsentEndpoint(deps, limiter)
    form = FormPageHandler(deps, limiter)
    wordings = WordingEndpoint(deps.book, deps.tallies, BannerCounts(deps))
    receipt = ReceiptPageHandler(deps, limiter)
    verify = VerifyPageHandler(deps, limiter)
    mine = MyDataHandler(deps, limiter)
    account = AccountHandler(deps)
    fields, messages = FieldsHandler(deps), MessagesHandler(deps)
    policy = PolicyPageHandler(deps.book, deps.pages)
    comparison = ComparePageHandler(deps.book, deps.pages)
    return [
        Route("/consent", endpoint.choose, methods=["POST"]),
        Route("/consent/erase", endpoint.erase, methods=["POST"]),
        Route("/consent/receipt", endpoint.receipt, methods=["POST"]),
        Route("/.well-known/askfirst/{site}.json", PublicKeys(deps).keys),
        Route("/receipt/{site}", receipt.show, methods=["GET"]),
        Route("/receipt/{site}", receipt.show_posted, methods=["POST"]),
        Route("/verify/{site}", verify.show, methods=["GET"]),
        Route("/verify/{site}", verify.check, methods=["POST"]),
        Route("/choice/{site}", form.show, methods=["GET"]),
        Route("/choice/{site}", form.choose, methods=["POST"]),
        Route("/my-data/{site}", mine.show, methods=["GET"]),
        Route("/my-data/{site}", mine.act, methods=["POST"]),
        *OwnFileHandler(deps).routes(),
        Route(f"/account/{{site:{SITE_KEY}}}", account.show, methods=["GET"]),
        Route(f"/account/{{site:{SITE_KEY}}}", account.act, methods=["POST"]),
        Route("/account/{site}/link", account.links.show, methods=["GET"]),
        Route("/account/{site}/link", account.links.press, methods=["POST"]),
        Route("/account/{site}/fields", fields.show, methods=["GET"]),
        Route("/account/{site}/fields", fields.act, methods=["POST"]),
        Route("/account/{site}/messages", messages.show, methods=["GET"]),
        Route("/account/{site}/messages", messages.save, methods=["POST"]),
        Route("/account/{site}/messages/{token}", messages.ask_to_stop, methods=["GET"]),
        Route("/account/{site}/messages/{token}", messages.stop, methods=["POST"]),
        *Signals(deps).routes(),
        Route("/wording/{site}.json", wordings.wording),
        Route("/wording/{site}/control.json", wordings.control),
        Route("/policy/{site}", policy.newest),
        Route("/policy/{site}/compare", comparison.compare),
        Route("/policy/{site}/{version}", policy.version),
    ]
