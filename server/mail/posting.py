"""One round of mail: reports and alerts that are due become mails, and mails are sent.

The ledger remembers each mail from then on, so that a restart neither loses nor repeats one.
"""

from datetime import date, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import structlog

from askfirst.clock import DAY_MS, as_datetime
from askfirst.errors import AskfirstError, Unavailable
from askfirst.sites import Site
from askfirst.smtp_url import mail_address
from reports.dependencies import Dependencies
from reports.formatting.dates import local
from reports.formatting.readers import write_for
from reports.mail.kinds import REPORTS
from reports.mail.messages import Envelope
from reports.mail.outbox import GIVEN_UP_AFTER_MS, Mail, Outbox
from reports.mail.schedule import due_days
from reports.mail.stop import stop_token
from reports.mail.subscriptions import Subscription, Subscriptions
from server.mail.delivery import Delivery

if TYPE_CHECKING:
    from reports.mail.found_alerts import Found

log = structlog.get_logger()

_HOUR_MS = 3_600_000
_HOUR = timedelta(hours=1)
_IN_THE_MORNING = ("traffic", "consent")
"""Alerts about the day before, which wait for the hour of the subscription."""
STOPPED = "It was stopped before it was sent."
LATE = "A day went by before it could be sent."
GONE = "The site or the account is gone."


class Posting:
    """Writes down what is due, and sends it; `smtp_url` has to be set."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._subscriptions = Subscriptions(deps.ledger, deps.clock)
        self._outbox = Outbox(deps.ledger, deps.clock)
        self._looked: dict[int, int] = {}  # in which hour alerts were looked for, by subscription
        self._found: dict[tuple[int, str, int], Found | None] = {}  # of a round
        self._is_whole = False  # whether the round before ended without an error
        self._forgot = 0  # on which day old mails were deleted
        self._delivery = Delivery(deps.settings, self._outbox, self._made, quoting=True)

    async def round(self) -> None:
        """Write down what is due, and send what is to be sent now.

        First, what an earlier process or a round that failed has handed over is ended.
        """
        if not self._is_whole:
            await self._outbox.begin()
        self._is_whole = False
        if (day := self._deps.clock() // DAY_MS) != self._forgot:
            await self._outbox.forget()
            self._forgot = day
        await self.write_down()
        if due := await self._outbox.due():
            await self._delivery.send(due)
        self._is_whole = True

    async def write_down(self) -> None:
        """Make mails of the reports that are due, and of what is unusual."""
        self._found.clear()
        for one in await self._subscriptions.every():
            if (site := self._site(one.site_id)) is None:
                continue
            try:
                await (self._report if one.what in REPORTS else self._alert)(one, site)
            except Unavailable:  # the warehouse is away: in the next round
                continue

    async def _report(self, one: Subscription, site: Site) -> None:
        now = as_datetime(self._deps.clock())
        if days := due_days(one.what, one.hour, site.time_zone, one.since, now):
            first, last = map(str, days)
            facts = {"first": first, "last": last}
            await self._outbox.add(one.site_id, one.id, f"{first}/{last}", facts)

    async def _alert(self, one: Subscription, site: Site) -> None:
        """Look for something unusual, once an hour."""
        now = self._deps.clock()
        there = local(now, site.time_zone)
        # Pages not found are those of the hour that is over, and of its day until then.
        day = (there - _HOUR if one.what == "errors" else there).date()
        if self._looked.get(one.id) == now // _HOUR_MS:
            return
        if one.what in _IN_THE_MORNING and there.hour < one.hour:
            return
        from reports.mail.found_alerts import find_alert  # noqa: PLC0415 - Ibis

        asked = (site.id, one.what, one.silent_hours)
        if asked not in self._found:  # the same for everybody who wants it
            try:
                found = await find_alert(self._deps, site, one.what, day, one.silent_hours)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - it must not hold up the mail of others
                log.warning("alert_not_looked_for", what=one.what, why=type(error).__name__)
                found = None  # and not tried again within the hour
            self._found[asked] = found
        found = self._found[asked]
        self._looked[one.id] = now // _HOUR_MS
        if found:
            await self._outbox.add(one.site_id, one.id, found.about, found.facts)

    async def _made(self, mail: Mail) -> EmailMessage | None:
        """Return the text of a mail; None, which is noted, where there is none to be sent."""
        one = await self._subscriptions.by_id(mail.subscription_id)
        site = self._site(mail.site_id)
        if one is None or site is None:
            await self._outbox.give_up(mail, GONE)
        elif one.stopped_at is not None and "asked" not in mail.facts:
            await self._outbox.give_up(mail, STOPPED)
        elif self._deps.clock() - mail.made_at >= GIVEN_UP_AFTER_MS:
            await self._outbox.give_up(mail, mail.problem or LATE)
        else:
            try:
                return await self._composed(mail, one, site)
            except AskfirstError as error:
                await self._outbox.failed(mail, f"It could not be written. {error.message}")
            except Exception as error:  # noqa: BLE001 - one mail must not hold up the others
                log.warning("mail_not_made", mail=mail.id, why=type(error).__name__)
                await self._outbox.failed(mail, "It could not be written. The log says why.")
        return None

    async def _composed(self, mail: Mail, one: Subscription, site: Site) -> EmailMessage:
        from reports.mail.composing import alert_message, report_message  # noqa: PLC0415 - Ibis

        language = mail.facts.get("language", one.language)
        write_for((language,) if language else ())
        envelope = self._envelope(mail, one, site)
        if one.what in REPORTS:
            first, last = (date.fromisoformat(mail.facts[name]) for name in ("first", "last"))
            made = await report_message(self._deps, site, (first, last), envelope)
        else:
            made = await alert_message(self._deps, site, one.what, mail.facts, envelope)
        made.as_bytes()  # a header that cannot be written is found here
        return made

    def _envelope(self, mail: Mail, one: Subscription, site: Site) -> Envelope:
        base, token = self._deps.settings.public_url, stop_token(self._deps.mail_key, one.id)
        return Envelope(
            sender=mail_address(self._deps.settings.mail_from),
            recipient=one.email,
            number=f"askfirst-{mail.id}-{mail.made_at}",
            sent_at=as_datetime(self._deps.clock()),
            report=f"{base}/sites/{site.key}",
            settings=f"{base}/sites/{site.key}/mail",
            stop=f"{base}/mail/stop/{token}",
        )

    def _site(self, number: int) -> Site | None:
        return next((one for one in self._deps.book.all() if one.id == number), None)
