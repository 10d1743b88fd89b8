"""Each site's signing key, derived from one seed, and its public half as a JSON Web Key."""

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent.receipts.data_integrity import multikey

_INFO = "askfirst.receipt.site:"


class SiteKeys:
    """The Ed25519 keys of all sites; the same seed and site always have the same key."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    def of(self, site_key: str) -> Ed25519PrivateKey:
        """Return a site's private key: HKDF-SHA256 of the seed, with the site's key as info."""
        derived = HKDF(SHA256(), 32, salt=None, info=(_INFO + site_key).encode())
        return Ed25519PrivateKey.from_private_bytes(derived.derive(self._seed))

    def jwks(self, site_key: str) -> dict[str, Any]:
        """Return the public half as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        return {"keys": [_jwk(self.of(site_key).public_key())]}


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    x = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": x,
        "kid": multikey(key),
        "use": "sig",
        "alg": "EdDSA",
    }


def public_keys(jwks: Mapping[str, Any]) -> list[Ed25519PublicKey]:
    """Read the Ed25519 keys of a JSON Web Key Set, or of one key; raises `ValueError`."""
    found = jwks.get("keys", [jwks])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("This is not a JSON Web Key Set.")
    keys = [_public(one) for one in found if one.get("crv") == "Ed25519"]
    if not keys:
        raise ValueError("There is no Ed25519 key.")
    return keys


def _public(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    x = jwk.get("x")
    if not isinstance(x, str):
        raise ValueError("The key has no x.")  # noqa: TRY004 - wrong contents, not a wrong call
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "=" * (-len(x) % 4)))
