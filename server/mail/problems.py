"""Why a mail server could not be used, in words for the page: never with user and password."""

import ssl
from base64 import b64encode
from collections.abc import Iterator

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from askfirst.smtp_url import SmtpServer
from reports.mail.text import one_line

_LONGEST = 250
_KNOWN = (SMTPServerDisconnected, SMTPTimeoutError)
_REFUSED = {
    "SMTPRecipientRefused": "the recipient",
    "SMTPSenderRefused": "the sender",
    "SMTPConnectResponseError": "the connection",
}


def words_of(error: BaseException, server: SmtpServer) -> str:
    """Return a sentence about an error that aiosmtplib, TLS or the network has raised."""
    return _of_tls(error, server) or _of_answer(error, server) or _of_network(error, server)


def unquoted_words_of(error: BaseException, server: SmtpServer) -> str:
    """Return the same without what the mail server said, which often repeats the recipient."""
    if isinstance(error, SMTPResponseException):
        return f"{server.name} refuses it: {error.code}."
    if isinstance(error, SMTPException) and not isinstance(error, _KNOWN):
        return f"{server.name} cannot be used: {type(error).__name__}."
    return words_of(error, server)


def _of_tls(error: BaseException, server: SmtpServer) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = one_line(cause.verify_message, _LONGEST)
            return f"The certificate of {server.name} is not valid for {server.host}: {why}."
        if isinstance(cause, ssl.SSLError):
            why = one_line(cause.reason or str(cause), _LONGEST)
            return f"There is no encrypted connection with {server.name}: {why}."
    if type(error) is SMTPException and "STARTTLS" in str(error).upper():
        return f"{server.name} offers no encryption (STARTTLS), so nothing was sent."
    return ""


def _of_answer(error: BaseException, server: SmtpServer) -> str:
    if not isinstance(error, SMTPResponseException):
        return ""
    what = _REFUSED.get(type(error).__name__, "the mail")
    if isinstance(error, SMTPAuthenticationError):
        what = "the user name or the password"
    return f"{server.name} refuses {what}: {error.code} {_clean(error.message, server)}"


def _of_network(error: BaseException, server: SmtpServer) -> str:
    if isinstance(error, (SMTPTimeoutError, TimeoutError)):
        return f"{server.name} did not answer in time."
    if isinstance(error, SMTPServerDisconnected):
        return f"{server.name} closed the connection."
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            return f"{server.name} cannot be reached: {one_line(cause.strerror, _LONGEST)}."
    return f"{server.name} cannot be used: {_clean(str(error), server)}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _clean(text: str, server: SmtpServer) -> str:
    """Return what a server has said on one line, without the password, also as it was sent."""
    if server.password:
        for secret in (f"\0{server.user}\0{server.password}", server.password):
            text = text.replace(b64encode(secret.encode()).decode(), "…").replace(secret, "…")
    return one_line(text, _LONGEST)
