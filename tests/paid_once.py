"""What a process of tests pays once, although each test opens stores and pages of its own.

A server has one ledger and one set of pages, and keeps what it has compiled for them; a process of
tests opens thousands. And a server means passwords to be slow, by 180 ms of a core's time each. It
unpacks its file of countries once; and whoever asks it by TLS reads the system's certificates.
"""

import lzma
from collections.abc import Hashable
from functools import cache, lru_cache, partial
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
from argon2 import PasswordHasher
from httpx2._transports import default as transports
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from starlette import routing

from askfirst.sign_in import password_hashes
from askfirst.store.ledger import database
from askfirst.web import content_encodings, pages
from collector.enrichment.places import files
from server import app


class Templates(BytecodeCache):
    """Compiled templates by their file and the checksum of its content."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


class Statements(dict[tuple[Hashable, ...], Any]):
    """Compiled statements of SQLAlchemy, whose keys begin with the dialect of one engine.

    All ledgers have the same dialect: what was compiled for one serves the others.
    """

    def get(self, key: tuple[Hashable, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Hashable, ...], compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


def cheap_hasher() -> PasswordHasher:
    """Return a hasher that takes 30 microseconds; what it hashes, any hasher can check."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pay_once(patch: pytest.MonkeyPatch) -> None:
    """Let ledgers and pages share what one of them has compiled, and make passwords cheap.

    The countries are unpacked once, in 160 ms, clients share the certificates, read in 50 ms, and
    what is installed is looked up once, in 6 ms. Words are compressed once, in 5 ms, and the paths
    of an application's 120 routes are read once, in 3 ms.
    """
    templates = partial(pages.Environment, bytecode_cache=Templates())
    patch.setattr(pages, "Environment", templates)
    engine = partial(
        database.create_async_engine, execution_options={"compiled_cache": Statements()}
    )
    patch.setattr(database, "create_async_engine", engine)
    patch.setattr(password_hashes, "PasswordHasher", cheap_hasher)
    patch.setattr(files, "lzma", SimpleNamespace(decompress=cache(lzma.decompress)))
    patch.setattr(transports, "create_ssl_context", cache(transports.create_ssl_context))
    patch.setattr(app, "version", cache(app.version))
    compress = lru_cache(64)(brotli.compress)
    patch.setattr(content_encodings, "brotli", SimpleNamespace(compress=compress))
    patch.setattr(routing, "compile_path", cache(routing.compile_path))
