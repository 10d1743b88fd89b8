"""Signatures under JSON documents: W3C Data Integrity proofs of the suite `eddsa-jcs-2022`."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SUITE = "eddsa-jcs-2022"
CONTEXT = "https://w3id.org/security/data-integrity/v2"
_PURPOSE = "assertionMethod"
_ED25519 = b"\xed\x01"  # multicodec: ed25519-pub
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Document = dict[str, Any]


def signed(document: Mapping[str, Any], key: Ed25519PrivateKey, created: str) -> Document:
    """Return a document with its proof; `created` is an RFC 3339 time."""
    name = multikey(key.public_key())
    options = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": f"did:key:{name}#{name}",
        "proofPurpose": _PURPOSE,
    }
    signature = key.sign(_hashed(options, document))
    return {**document, "proof": {**options, "proofValue": to_multibase(signature)}}


def is_signed_by(document: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Return whether a document has a valid proof by this key; it may be any JSON object."""
    proof = document.get("proof")
    if not isinstance(proof, dict) or not _is_of_this_suite(proof, document, multikey(key)):
        return False
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    try:
        key.verify(from_multibase(proof["proofValue"]), _hashed(options, unsigned))
    except (InvalidSignature, ValueError, RecursionError):
        return False
    return True


def _is_of_this_suite(proof: Mapping[str, Any], document: Mapping[str, Any], name: str) -> bool:
    expected = {
        "@context": document.get("@context"),
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": f"did:key:{name}#{name}",
        "proofPurpose": _PURPOSE,
    }
    said = all(proof.get(key) == value for key, value in expected.items())
    return said and isinstance(proof.get("proofValue"), str)


def _hashed(options: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    parts = (rfc8785.dumps(dict(part)) for part in (options, document))
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def multikey(key: Ed25519PublicKey) -> str:
    """Return a public key as a Multikey, e.g. `z6Mk...`."""
    return to_multibase(_ED25519 + key.public_bytes_raw())


def to_multibase(data: bytes) -> str:
    """Write bytes as multibase `z`: base58 with Bitcoin's alphabet."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def from_multibase(text: str) -> bytes:
    """Read multibase `z` of at most 128 characters; raises `ValueError`."""
    digits = text[1:]
    if text[:1] != "z" or len(digits) > 127:
        raise ValueError("This is not base58 of the expected length.")
    number = 0
    for digit in digits:
        number = number * 58 + _ALPHABET.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
