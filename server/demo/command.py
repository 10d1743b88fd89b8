"""`askfirst demo`: creates a site, its owner and generated visits once the services are open."""

import asyncio
import random
import secrets
import shlex
from functools import partial

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from starlette.types import ASGIApp

from askfirst.clock import DAY_MS
from askfirst.columns import REVENUE
from askfirst.recording_rules import RecordingRules
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import staff
from consent.policy.drafts import content_of, draft_of, placed
from consent.policy.wording import Terms, default_policy
from reports.authentication.accounts import Accounts
from server.demo.browsers import NETWORKS
from server.demo.crowd import DESK_NETWORK, FIRST_WORDS
from server.demo.generated_visits import FIRST_WORDS_DAYS, VisitGenerator, began
from server.demo.goals import add_goals
from server.demo.kept import keep_some
from server.demo.live import LiveVisitors, over_http
from server.demo.mail.chosen import choose_mail
from server.demo.mail.mailbox import Mailbox
from server.demo.rights import note_requests
from server.demo.story import StoryClock
from server.demo.website import MAILBOX, website
from server.services import Services
from server.startup.warming import warm_soon

EMAIL = "owner@example.org"
NAME = "Harbour Lane Library"
HOSTS = ("127.0.0.1", "localhost", "[::1]")
RULES = ReportRules(
    exclude_paths=("/staff/*",),
    exclude_addresses=(DESK_NETWORK,),
    sources=(("harbour-letter", "Harbour letter"),),
    index_files=True,
)
ZONE = "UTC"
"""Counts go by UTC days: in this time zone the days of every page are the same all year."""


class DemoSetup:
    """What the demo adds to a server: the website on a port of its own, and the greeting."""

    def __init__(
        self,
        address: str,
        site_address: str,
        visits: int,
        console: Console,
        mailbox: Mailbox | None = None,
    ) -> None:
        self._address = address
        self._site_address = site_address
        self._visits = visits
        self._console = console
        self._mailbox = mailbox
        self._key = ""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def website(self) -> ASGIApp:
        """Return the demo website; its pages carry the tag of the demo's site."""
        received = partial(getattr, self._mailbox, "mails") if self._mailbox else None
        return website(lambda: (self._address, self._key), received)

    async def greet(self, services: Services) -> None:
        """Create site and owner where they are missing, generate visits, and print addresses."""
        site = await _site(services, filled=self._visits > 0)
        self._key = site.key
        password = await _new_owner(services)
        if self._visits:
            await self._fill(services, site)
            await add_goals(services, site)
            await keep_some(services, site, EMAIL)
            await choose_mail(services, site, EMAIL)
            await note_requests(services, site, EMAIL)
        folder = services.settings.data_folder.absolute()
        for sentence in (
            f"Its data is in {folder}; Ctrl-C stops it.",
            f"The demo website is at {self._site_address}",
            f"Its report is at {self._address}/sites/{site.key}",
            *self._of_mail(),
            await _how_to_sign_in(services, password),
        ):
            self._console.print(sentence, soft_wrap=True, markup=False)
        warm_soon()

    async def open(self, services: Services) -> None:
        """Greet, take mail, and let visitors come, where the server was filled with some.

        Both end with the event loop.
        """
        if self._mailbox:
            self._tasks.append(asyncio.create_task(self._mailbox.run()))
        await self.greet(services)
        if self._visits:
            ask, made_by = over_http(self._address), random.Random()  # noqa: S311 - no secrets
            visitors = LiveVisitors(ask, self._key, self._site_address, made_by)
            self._tasks.append(asyncio.create_task(visitors.run()))

    def _of_mail(self) -> list[str]:
        return [f"Its mail comes to {self._site_address}{MAILBOX}"] if self._mailbox else []

    async def _fill(self, services: Services, site: Site) -> None:
        with Progress(console=self._console) as progress:
            task = progress.add_task("Filling with visits", total=self._visits)
            generator = VisitGenerator(services, site, self._visits, self._site_address)
            async for done in generator.days():
                progress.update(task, completed=done)


async def _site(services: Services, *, filled: bool) -> Site:
    """Return the demo's site, created before its first generated visit."""
    known = [site for site in services.book.all() if site.name == NAME]
    if known:
        return known[0]
    clock = StoryClock(began(services.clock()) if filled else services.clock())
    book = SiteBook(services.ledger, clock)
    terms = Terms(services.settings.retention_months, services.settings.choice_days)
    draft = draft_of(default_policy(NAME, NAME, "privacy@example.org", "", terms))
    draft["purposes"] = placed([{"id": REVENUE, "columns": []}])
    content = content_of(draft)
    if filled:
        earlier = content_of(draft | {"own": FIRST_WORDS})
        site = await book.add(NAME, HOSTS, ZONE, earlier, terms.ip_mode)
        clock.now += (FIRST_WORDS_DAYS + 1) * DAY_MS
        await book.publish(site, content, asks_again=False)
    else:
        site = await book.add(NAME, HOSTS, ZONE, content, terms.ip_mode)
    await book.change_rules(site, lambda _rules: RecordingRules(networks=NETWORKS))
    await services.book.refresh()
    await _name_sources(services, services.book.get(site.key))
    return services.book.get(site.key)


async def _name_sources(services: Services, site: Site) -> None:
    """Give the site rules for its reports, before there is any event that they would change."""
    rules = RulesOfSites(services.ledger, services.book)
    await rules.save(site, RULES, services.clock())
    await rules.followed(services.book.get(site.key))


async def _new_owner(services: Services) -> str | None:
    accounts = Accounts(services.ledger, services.clock)
    if await accounts.any():
        return None
    password = secrets.token_urlsafe(12)
    hashed = await accounts.hash(password)
    async with services.ledger.write() as connection:
        await accounts.add(connection, EMAIL, hashed)
    return password


async def _how_to_sign_in(services: Services, password: str | None) -> str:
    """Print the account, with the password if it was just created: it is not kept."""
    if password:
        return f"Sign in as {EMAIL} with the password {password}"
    async with services.ledger.read() as connection:
        email = await connection.scalar(select(staff.c.email).order_by(staff.c.id).limit(1))
    lost = (
        f"askfirst staff reset --data {shlex.quote(str(services.settings.data_folder.absolute()))}"
    )
    return f"Sign in as {email}; if the password is lost: {lost}"
