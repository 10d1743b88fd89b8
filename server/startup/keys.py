"""The secrets of the data folder: the keys of the tokens and the seed of the receipts."""

import hmac
import secrets
from pathlib import Path

from askfirst.errors import Misconfigured
from askfirst.system.durable_files import write_durably
from askfirst.system.sealing import Sealing

FILE_NAME = "keys"
SEED_NAME = "receipt-seed"
KEY_FILES = (FILE_NAME, SEED_NAME)
_SHORTEST = 32


def load_keys(folder: Path) -> list[bytes]:
    """Read the keys, one a line in hexadecimal; make the first one when there is no file.

    Raises `Misconfigured` when the file is damaged: a new key would silently end every consent.
    """
    path = folder / FILE_NAME
    if not path.exists():
        write_durably(path, _fresh_line())
    try:
        keys = [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
    except (OSError, ValueError) as error:
        raise Misconfigured(f"The key file {path} cannot be read.") from error
    if not keys or any(len(key) < _SHORTEST for key in keys):
        raise Misconfigured(f"The key file {path} holds no key of {_SHORTEST} bytes.")
    return keys


def load_seed(folder: Path) -> bytes:
    """Read the 32 bytes from which each site's receipt key is made; make them if there are none.

    Raises `Misconfigured` when the file is damaged: with another seed no issued receipt could
    be verified any more.
    """
    path = folder / SEED_NAME
    if not path.exists():
        write_durably(path, _fresh_line())
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"The seed file {path} cannot be read.") from error
    if len(seed) != _SHORTEST:
        raise Misconfigured(f"The seed file {path} does not hold {_SHORTEST} bytes.")
    return seed


def load_sealing(folder: Path) -> Sealing:
    """Return what seals the accounts of visitors, whose key is made of the folder's seed."""
    return Sealing(hmac.digest(load_seed(folder), b"visitor accounts", "sha256"))


def _fresh_line() -> bytes:
    return f"{secrets.token_hex(_SHORTEST)}\n".encode("ascii")
