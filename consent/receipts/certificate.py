"""The certificate of an erasure as JSON-LD: what was removed, signed as receipts are."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from askfirst.clock import as_iso
from askfirst.sites import Site
from consent.dependencies import SigningKeys
from consent.policy.languages import FALLBACK
from consent.proof.records import BY_VISITOR
from consent.receipts.data_integrity import CONTEXT, signed
from consent.rights.erasure_receipt import ErasureReceipt
from consent.rights.parts import Part, TimeSpan

_WORDS = Path(__file__).parent / "words" / "erased.json"
TYPE = "ErasureCertificate"
_PREFIXES = {
    "askfirst": "urn:askfirst:erasure#",
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "schema": "https://schema.org/",
    TYPE: "askfirst:Certificate",
}

Json = dict[str, Any]


def certificate(receipt: ErasureReceipt, site: Site, keys: SigningKeys) -> Json:
    """Return the signed certificate of a finished erasure, which names nobody.

    It is the same whenever it is asked for: it is dated by the end of the erasure. Of a span it
    tells the times, of one visit only that it was one.
    """
    document = {
        "@context": [CONTEXT, _PREFIXES],
        "@id": f"urn:askfirst:erasure:{receipt.receipt_id}",
        "@type": TYPE,
        "dct:identifier": receipt.receipt_id,
        "dpv:hasService": {
            "@type": "dpv:Service",
            "dct:identifier": site.key,
            "dct:title": site.name,
        },
        "dpv:hasRight": {"@id": "eu-gdpr:A17"},
        "dpv:hasProcessing": {"@id": "dpv:Erase"},
        "askfirst:asked": _asked(receipt.part),
        **_who_and_when(receipt),
        **_what_went(receipt),
    }
    return signed(document, keys.of(site.key), as_iso(receipt.completed_at))


def is_certificate(document: Json) -> bool:
    """Return whether a signed document is the certificate of an erasure, not a receipt."""
    return document.get("@type") == TYPE


@cache
def _proofs() -> dict[str, str]:
    """Return what a good certificate proves, by language; these words are in no wording's hash."""
    found: dict[str, str] = json.loads(_WORDS.read_text(encoding="utf-8"))
    return found


def proof_of_erasure(language: str) -> str:
    """Return the sentence on what a good certificate proves, in English for other languages."""
    return _proofs().get(language, _proofs()[FALLBACK])


def _asked(part: Part | None) -> Json:
    if part is None:
        return {"askfirst:part": "everything"}
    if isinstance(part, TimeSpan):
        span = {"askfirst:from": as_iso(part.first), "askfirst:before": as_iso(part.until)}
        return {"askfirst:part": "span", **span}
    return {"askfirst:part": "visit"}


def _who_and_when(receipt: ErasureReceipt) -> Json:
    done: Json = {"askfirst:completed": as_iso(receipt.completed_at)}
    if receipt.requested_at is not None:
        done["askfirst:requested"] = as_iso(receipt.requested_at)
    if receipt.asked_by:
        who = "dpv:DataSubject" if receipt.asked_by == BY_VISITOR else "dpv:DataController"
        done["dpv:isIndicatedBy"] = {"@id": who}
    return done


def _what_went(receipt: ErasureReceipt) -> Json:
    removed = receipt.removed
    found: Json = {
        "askfirst:rows": receipt.rows,
        "askfirst:places": dict(receipt.places),
        "askfirst:identifiers": receipt.identifiers,
        "askfirst:visits": removed.visits,
        "askfirst:events": dict(removed.events),
    }
    if removed.first_day:
        found |= {"askfirst:firstDay": removed.first_day, "askfirst:lastDay": removed.last_day}
    return found
