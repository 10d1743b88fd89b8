"""One round of mail to visitors: a new policy is told of, and what is due is sent."""

from dataclasses import dataclass
from email.message import EmailMessage

import structlog
from sqlalchemy import select

from askfirst.clock import DAY_MS, as_datetime
from askfirst.errors import AskfirstError
from askfirst.sites import Site
from askfirst.smtp_url import mail_address
from askfirst.store.ledger.accounts.messages import POLICY, wanted_by
from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.tables import visitor_accounts
from consent.accounts.mailing.letters import Letter, Letters
from consent.accounts.mailing.outbox import VisitorMail, VisitorOutbox
from consent.accounts.mailing.policy_letter import PolicyLetters
from consent.accounts.mailing.policy_news import PolicyNews
from consent.dependencies import Dependencies
from reports.mail.messages import Envelope, message
from server.mail.delivery import Delivery

log = structlog.get_logger()

GONE = "The site or the account is gone."
STOPPED = "It was turned off before it was sent."
LATE = "It could not be sent in time."
UNREADABLE = "It could not be opened with the key of this server."


@dataclass(frozen=True)
class VisitorMailContext:
    """What the HTML part is made from: templates/mail/visitor.html."""

    letter: Letter


class VisitorPosting:
    """Writes down who is told of a new policy, and sends what is due; `smtp_url` has to be set."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._outbox = VisitorOutbox(deps.ledger, deps.clock, deps.sealing)
        self._news = PolicyNews(deps)
        self._letters = Letters(deps)
        self._policy_letters = PolicyLetters(deps)
        self._delivery = Delivery(deps.settings, self._outbox, self._made, quoting=False)
        self._is_whole = False  # whether the round before ended without an error
        self._forgot = 0  # on which day old mails were deleted

    async def round(self) -> None:
        """Send what is due; first, what a round that did not end has handed over is ended."""
        if not self._is_whole:
            await self._outbox.begin()
        self._is_whole = False
        if (day := self._deps.clock() // DAY_MS) != self._forgot:
            await self._outbox.forget_old()
            self._forgot = day
        await self._news.write_down()
        while (due := await self._outbox.due()) and await self._delivery.send(due):
            pass
        self._is_whole = True

    async def _made(self, mail: VisitorMail) -> EmailMessage | None:
        """Return the text of a mail; None, which is noted, where there is none to be sent."""
        site = self._deps.book.by_id(mail.site_id)
        if site is None or (problem := await self._ended(mail)):
            await self._outbox.give_up(mail, problem if site else GONE)
            return None
        try:
            return await self._composed(mail, site)
        except AskfirstError as error:
            await self._outbox.give_up(mail, f"It could not be written. {error.message}")
        except Exception as error:  # noqa: BLE001 - one mail must not hold up the others
            log.warning("mail_not_made", mail=mail.id, why=type(error).__name__)
            await self._outbox.failed(mail, "It could not be written. The log says why.")
        return None

    async def _ended(self, mail: VisitorMail) -> str:
        """Return why a mail is not sent any more, or ''."""
        if not mail.facts:
            return UNREADABLE
        if self._deps.clock() - mail.made_at >= self._outbox.given_up_after(mail):
            return mail.problem or LATE
        if mail.what != POLICY:
            return ""
        async with self._deps.ledger.read() as connection:
            return "" if POLICY in await wanted_by(connection, mail.account_id) else STOPPED

    async def _composed(self, mail: VisitorMail, site: Site) -> EmailMessage:
        if mail.what == POLICY:
            facts = await self._today(mail)
            letter = await self._policy_letters.letter(site, mail.account_id, facts)
        else:
            facts = dict(mail.facts)
            letter = await self._letters.plain(site, mail.what, facts)
        html = self._deps.pages.text("mail/visitor.html", VisitorMailContext(letter))
        envelope = self._envelope(mail, facts["to"], letter.stop)
        made = message(envelope, letter.subject, letter.text, html)
        made.as_bytes()  # a header that cannot be written is found here
        return made

    async def _today(self, mail: VisitorMail) -> dict[str, str]:
        """Return the facts of a mail with the address and language that the account has now."""
        account = visitor_accounts.c
        mine = select(account.email, account.language).where(account.id == mail.account_id)
        async with self._deps.ledger.read() as connection:
            row = (await connection.execute(mine)).first()
        if row is None:
            return dict(mail.facts)
        to = self._deps.sealing.open(row.email, email_place(mail.account_id))
        return {**mail.facts, "to": to, "language": row.language}

    def _envelope(self, mail: VisitorMail, to: str, stop: str) -> Envelope:
        return Envelope(
            sender=mail_address(self._deps.settings.mail_from),
            recipient=to,
            number=f"askfirst-visitor-{mail.id}-{mail.made_at}",
            sent_at=as_datetime(self._deps.clock()),
            stop=stop,
        )
