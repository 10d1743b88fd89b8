"""Delivery: mails go to the mail server in one session, and what became of each is noted."""

from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from typing import Generic, TypeVar

import structlog

from askfirst.settings import Settings
from askfirst.smtp_url import SmtpServer, smtp_server
from askfirst.store.ledger.mail.states import MailStates, StoredMail
from askfirst.web.urls import split_address
from server.mail.smtp import MailProblem, SmtpSession

log = structlog.get_logger()

M = TypeVar("M", bound=StoredMail)


class Delivery(Generic[M]):
    """Sends mails; `made` writes one, or notes why there is none to be sent and returns None.

    `quoting` says whether the ledger and the log may have what the mail server says of a mail: it
    often repeats the recipient.
    """

    def __init__(
        self,
        settings: Settings,
        outbox: MailStates[M],
        made: Callable[[M], Awaitable[EmailMessage | None]],
        *,
        quoting: bool,
    ) -> None:
        self._server: SmtpServer = smtp_server(settings.smtp_url, settings.smtp_tls)
        self._our_name = split_address(settings.public_url).hostname or "localhost"
        self._outbox = outbox
        self._made = made
        self._quoting = quoting

    async def send(self, due: Sequence[M]) -> bool:
        """Send mails in one session, as long as it lasts; others wait for their next try.

        Returns whether the mail server can be used.
        """
        session: SmtpSession | None = None
        try:
            for number, mail in enumerate(due):
                try:
                    session = session or await SmtpSession.open(self._server, self._our_name)
                except MailProblem as problem:
                    log.warning("mail_server_unusable", why=self._words(problem))
                    for one in due[number:]:
                        await self._outbox.failed(one, self._words(problem))
                    return False
                if made := await self._made(mail):
                    session = await self._handed(session, mail, made)
        finally:
            if session:
                await session.close()
        return True

    async def _handed(
        self, session: SmtpSession, mail: M, made: EmailMessage
    ) -> SmtpSession | None:
        """Send a mail and note what became of it; returns the session while it can be used."""
        try:
            await session.send(made, lambda: self._outbox.handing(mail))
        except MailProblem as problem:
            words = self._words(problem)
            log.warning("mail_not_sent", mail=mail.id, why=words)
            if problem.is_unsure:
                await self._outbox.unsure(mail)
            elif problem.is_final:
                await self._outbox.give_up(mail, words)
            else:
                await self._outbox.failed(mail, words)
            return None if problem.is_closed else session
        await self._outbox.sent(mail)
        log.info("mail_sent", mail=mail.id)
        return session

    def _words(self, problem: MailProblem) -> str:
        return problem.words if self._quoting else problem.unquoted
