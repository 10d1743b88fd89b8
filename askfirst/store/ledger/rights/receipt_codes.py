"""Receipt codes: 20 letters and digits that open a visitor's own page in any browser.

A code is made of a consent's number and a key of the server, so that it can be shown again; the
ledger keeps its hash alone, by which it is found. It has 100 bits, so that guessing is hopeless.
"""

import hashlib
import hmac
from typing import Protocol

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.tables import consent_records, receipt_codes

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: https://www.crockford.com/base32.html"""
_ALIKE = str.maketrans("OIL", "011")
_LETTERS = 20
_GROUP = 5
_LONGEST = 80  # of what is typed: a code with blanks and hyphens


class Consent(Protocol):
    """The yes of a code: `Claims` are one."""

    @property
    def site_id(self) -> int:
        """The site's number."""

    @property
    def visitor_id(self) -> str:
        """Whose yes it is."""

    @property
    def consent_id(self) -> str:
        """The number of the consent."""


class ReceiptCodes:
    """Makes and finds receipt codes; `key` is 32 secret bytes of the data folder."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, consent: Consent) -> str:
        """Return a consent's code, such as `7K2PM-0XQ4T-9WZ1B-C3D5E`."""
        said = f"{consent.site_id}:{consent.consent_id}".encode()
        number = int.from_bytes(hmac.digest(self._key, said, "sha256"))
        letters = "".join(_ALPHABET[(number >> 5 * at) & 31] for at in range(_LETTERS))
        return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))

    async def keep(self, connection: AsyncConnection, consent: Consent) -> bool:
        """Store the hash of a consent's code, if it is not, in the caller's transaction.

        Nothing is stored, and False returned, where no record names the visitor of the consent any
        more: an erasure takes the name out of the records before it deletes the codes. The same
        holds where the visitor's access was ended, as something was lost or stolen.
        """
        if not await _may_have_one(connection, consent):
            return False
        if await self._is_known(connection, consent):
            return True
        row = {
            "code_hash": self._hash(consent),
            "site_id": consent.site_id,
            "visitor_id": consent.visitor_id,
            "consent_id": consent.consent_id,
        }
        await connection.execute(insert(receipt_codes).values(row))
        return True

    async def shown(self, ledger: Ledger, consent: Consent) -> str:
        """Return a consent's code, or '' where its visitor was erased or access was ended.

        The hash of a yes that an older version took is stored now, so that the code is found.
        """
        async with ledger.read() as connection:
            kept = await self._is_known(connection, consent)
            missing = not kept and await _may_have_one(connection, consent)
        if missing:
            async with ledger.write() as connection:
                kept = await self.keep(connection, consent)
        return self.of(consent) if kept else ""

    async def _is_known(self, connection: AsyncConnection, consent: Consent) -> bool:
        code = receipt_codes.c.code_hash == self._hash(consent)
        return await connection.scalar(select(receipt_codes.c.site_id).where(code)) is not None

    def _hash(self, consent: Consent) -> str:
        return _hash(_plain(self.of(consent)))


async def _may_have_one(connection: AsyncConnection, consent: Consent) -> bool:
    known = consent_records.c
    asked = select(known.seq).where(
        known.consent_id == consent.consent_id,
        known.site_id == consent.site_id,
        known.visitor_id == consent.visitor_id,
    )
    if (await connection.execute(asked.limit(1))).first() is None:
        return False
    return await ended_among(connection, consent.site_id, [consent.visitor_id]) is None


async def consent_of_code(connection: AsyncConnection, site_id: int, typed: str) -> str | None:
    """Return the number of the consent whose code was typed, or None; blanks and case do not count.

    A code of another site is as unknown as one that was never made.
    """
    if len(typed) > _LONGEST or len(plain := _plain(typed)) != _LETTERS:
        return None
    known = receipt_codes.c
    asked = select(known.consent_id).where(
        known.code_hash == _hash(plain), known.site_id == site_id
    )
    return await connection.scalar(asked)


def _plain(typed: str) -> str:
    return "".join(one for one in typed.upper().translate(_ALIKE) if one in _ALPHABET)


def _hash(plain: str) -> str:
    return hashlib.sha256(f"askfirst.receipt.code:{plain}".encode()).hexdigest()
