"""The address of a mail server, as the settings write it: smtp://USER:PASSWORD@HOST:PORT."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import unquote

from askfirst.web.ip_addresses import is_this_machine
from askfirst.web.urls import split_address

_PORTS = {"smtp": 587, "smtps": 465}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class SmtpServer:
    """A mail server. `tls` is "at once", "starttls" (required) or "never"."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The server as messages name it, without user and password: mail.example.org:587."""
        return f"{self.host}:{self.port}"


def smtp_server(url: str, tls: str = "") -> SmtpServer:
    """Read an address such as smtps://USER:PASSWORD@mail.example.org.

    `tls` is "required", "never", or '' for required unless the server is on this machine. Raises
    `ValueError` with a sentence that does not hold the password.
    """
    parts = split_address(url)
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:  # it is no number to 65535
        port = 0
    rest = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in _PORTS or not host or rest or port == 0 or not url.isprintable():
        raise ValueError("must be smtp://USER:PASSWORD@HOST:PORT or smtps://, without more")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("must have a user and a password, or neither")
    at_once = parts.scheme == "smtps"
    plain = tls == "never" or (not tls and _is_here(host))
    kind = "at once" if at_once else "never" if plain else "starttls"
    return SmtpServer(host, port or _PORTS[parts.scheme], kind, user, password)


def _is_here(host: str) -> bool:
    return is_this_machine(f"[{host}]" if ":" in host else host)


def mail_address(text: str) -> Address:
    """Read an address with or without a name: Reports <stats@example.org>; raises `ValueError`."""
    name, address = parseaddr(text)
    fits = len(address) <= 254 and _ADDRESS.fullmatch(address) and text.isprintable()
    if not fits or text.count("@") != 1:
        raise ValueError("must be an email address, or NAME <ADDRESS>")
    return Address(name, addr_spec=address)
