"""A session with the mail server (SMTP, RFC 5321), in which mails are sent."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from functools import cache
from typing import Any

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from askfirst.smtp_url import SmtpServer
from server.mail.problems import unquoted_words_of, words_of

CONNECT_S = 20.0
"""Seconds within which the server has to greet, and to take user and password."""
ANSWER_S = 30.0
"""Seconds within which it has to answer a command."""
TAKE_S = 120.0
"""Seconds within which it has to take the text, which it may look through for viruses."""
_NO_LETTERS = "takes no address with letters beyond ASCII before the @ (SMTPUTF8), as this one has."
_REFUSED, _PERMANENT = range(400, 600), range(500, 600)
_ERRORS = (SMTPException, OSError, ssl.SSLError, TimeoutError, ValueError)


class MailProblem(Exception):
    """Why a mail was not sent, in a sentence.

    `is_final` where the server refuses this mail for good; `is_unsure` where it got the text and
    did not answer; `is_closed` where the session cannot be used any more. `unquoted` is the same
    sentence without what the server said, which often repeats the recipient.
    """

    def __init__(
        self,
        words: str,
        unquoted: str = "",
        *,
        final: bool = False,
        unsure: bool = False,
        closed: bool = False,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.unquoted = unquoted or words
        self.is_final = final
        self.is_unsure = unsure
        self.is_closed = closed


@cache
def trusted() -> ssl.SSLContext:
    """Return whose certificates are believed: the system's, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()


class SmtpSession:
    """A session, in which mails are sent one after the other."""

    def __init__(self, server: SmtpServer, client: SMTP) -> None:
        self._server = server
        self._client = client

    @classmethod
    async def open(cls, server: SmtpServer, our_name: str) -> "SmtpSession":
        """Connect and sign in; `our_name` is how this machine introduces itself.

        Raises `MailProblem`.
        """
        encrypted = server.tls != "never"
        client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "at once",
            start_tls=server.tls == "starttls",
            tls_context=await asyncio.to_thread(trusted) if encrypted else None,
            username=server.user or None,
            password=server.password or None,
            local_hostname=our_name,
            timeout=CONNECT_S,
        )
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.connect()
        except _ERRORS as error:
            client.close()
            words = (words_of(error, server), unquoted_words_of(error, server))
            raise MailProblem(*words, closed=True) from error
        except asyncio.CancelledError:
            client.close()
            raise
        return cls(server, client)

    async def send(self, mail: EmailMessage, handing: Callable[[], Awaitable[None]]) -> None:
        """Send a mail; `handing` is awaited before the server gets its text.

        Raises `MailProblem`.
        """
        client, handed = self._client, False
        sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        wide = not (sender + recipient).isascii()
        text = _text(mail, wide=wide)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
        try:
            if wide:
                await self._check_letters()
            await client.mail(sender, options=options, encoding="utf-8", timeout=ANSWER_S)
            await client.rcpt(recipient, encoding="utf-8", timeout=ANSWER_S)
            await handing()
            handed = True
            await client.data(text, timeout=TAKE_S)
        except SMTPResponseException as error:
            await self._reset()
            about_sender = type(error).__name__ == "SMTPSenderRefused"
            final = error.code in _PERMANENT and not about_sender
            raise MailProblem(
                words_of(error, self._server),
                unquoted_words_of(error, self._server),
                final=final,
                unsure=handed and error.code not in _REFUSED,  # an answer that says neither
                closed=not client.is_connected,
            ) from error
        except _ERRORS as error:
            client.close()
            words = (words_of(error, self._server), unquoted_words_of(error, self._server))
            raise MailProblem(*words, unsure=handed, closed=True) from error

    async def _check_letters(self) -> None:
        """Raise `MailProblem` unless the server takes addresses with letters beyond ASCII."""
        if self._client.is_ehlo_or_helo_needed:
            await self._client.ehlo(timeout=ANSWER_S)
        if not self._client.supports_extension("SMTPUTF8"):
            raise MailProblem(f"{self._server.name} {_NO_LETTERS}", final=True)

    async def close(self) -> None:
        """End the session."""
        try:
            await self._client.quit(timeout=5)
        except _ERRORS:
            self._client.close()

    async def _reset(self) -> None:
        try:
            await self._client.rset(timeout=ANSWER_S)
        except _ERRORS:
            self._client.close()


def _text(mail: EmailMessage, *, wide: bool) -> bytes:
    """Return the text of a mail; letters beyond ASCII are as they are in a `wide` one's headers."""
    usual: Any = mail.policy
    return mail.as_bytes(policy=usual.clone(utf8=wide))
