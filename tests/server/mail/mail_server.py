"""A real mail server on loopback, in the loop of the test: aiosmtpd with what it is told to do."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

USER, PASSWORD = "reports", "s3cret/word"
TAKEN = "250 OK"


class MailServer:
    """Keeps the mail that it takes; `rcpt` and `data` are what it answers, None goes silent."""

    def __init__(self) -> None:
        self.port = 0
        self.rcpt = self.data = TAKEN
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []
        self.sessions = 0
        self.hang_up_at = ""

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=default) for one in self.taken]  # type: ignore[misc]

    async def handle_EHLO(
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        answers: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.sessions += 1
        return answers

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.rcpt == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hang_up_at == "data":
            server.transport.abort()
        if self.data == TAKEN:
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
            self.recipients.extend(envelope.rcpt_tos)
            self.encrypted.append(session.ssl is not None)
        return self.data


def _authenticated(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
    fits = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=fits, handled=False)


@asynccontextmanager
async def a_mail_server(
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    *,
    signs_in: bool = False,
    takes_letters: bool = False,
) -> AsyncIterator[MailServer]:
    """Serve on 127.0.0.1; with `tls` STARTTLS is offered, and sign-in can be required.

    `takes_letters` says whether addresses may have letters beyond ASCII (SMTPUTF8).
    """
    handler, loop = MailServer(), asyncio.get_running_loop()

    def session() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a password without TLS is unwise
            return SMTP(
                handler,
                hostname="mail.example.org",
                enable_SMTPUTF8=takes_letters,
                ident="Test",
                tls_context=tls,
                auth_required=signs_in,
                auth_require_tls=False,
                authenticator=_authenticated if signs_in else None,
                loop=loop,
            )

    server = await loop.create_server(session, "127.0.0.1", port)
    handler.port = server.sockets[0].getsockname()[1]
    async with server:
        yield handler


def certificate_of(folder: Path, host: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server whose own certificate is for a host, and of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / f"{host}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=path)
