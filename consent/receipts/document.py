"""The receipt of a consent as JSON-LD, after W3C DPV's guide to ISO/IEC TS 27560."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from askfirst.clock import as_iso
from askfirst.events import PURPOSE
from consent.proof.records import EXPLICIT, GIVEN, RENEWED, REVOKED, WITHDRAWN, Record
from consent.receipts.data_integrity import CONTEXT

CONFORMS = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
RECORD_CONFORMS = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
_TYPE = "dpv:ConsentReceipt"
NOT_STATED = "not stated"
_PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_STATES = {
    GIVEN: "dpv:ConsentGiven",
    RENEWED: "dpv:RenewedConsentGiven",
    WITHDRAWN: "dpv:ConsentWithdrawn",
}
_KINDS = {"ip": "pd:IPAddress", "country": "pd:Country", "language": "pd:Language"}
_OPERATIONS = ("dpv:Collect", "dpv:Store", "dpv:Use", "dpv:Erase")

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReceiptContext:
    """What a receipt says beside its records: of the accepted policy, and of the server.

    `shown` is the wording that was accepted; `retention_months`, `recipients` and `published_at`
    are its policy's. `base` is the server's address without a slash at its end. `storage_location`
    says in words where the data are kept, or is ''.
    """

    shown: Mapping[str, Any]
    retention_months: int
    recipients: Sequence[str]
    published_at: int
    base: str
    storage_location: str

    def at(self, path: str) -> str:
        """Return the address of a page of this site, e.g. `/policy` for its policy."""
        return f"{self.base}{path}/{self.shown['site']}"


def receipt(records: Sequence[Record], context: ReceiptContext, now: int) -> Json:
    """Build the unsigned receipt of one consent from its records, oldest first.

    Its number is that of the consent, so that it leads there although no receipt is kept; when it
    was made tells it from others of this consent.
    """
    number, made = records[0]["consent_id"], as_iso(now)
    return {
        "@context": [CONTEXT, _PREFIXES],
        "@id": f"urn:uuid:{UUID(number)}#{made}",
        "@type": _TYPE,
        "dct:conformsTo": CONFORMS,
        "dct:identifier": number,
        "dpv:hasIdentifier": number,
        "dct:created": made,
        "dpv:hasRecordOfActivity": [full_record(records, context, now)],
    }


def is_receipt(document: Json) -> bool:
    """Return whether a signed document is a receipt of a consent."""
    return bool(document.get("@type") == _TYPE)


def full_record(records: Sequence[Record], context: ReceiptContext, now: int) -> Json:
    """Build the full record of one consent: what is kept of it, and what its policy says."""
    first, shown = records[0], context.shown
    return {
        "@id": f"urn:uuid:{UUID(first['record_id'])}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": RECORD_CONFORMS,
        "dct:identifier": first["record_id"],
        "dpv:hasIdentifier": first["consent_id"],
        "schema:schemaVersion": first["schema"],
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dpv:hasIdentifier": first["subject"]},
        "dpv:hasDataController": _controller(context),
        "dpv:hasAuthority": _authority(shown),
        "dpv:hasJurisdiction": {"@id": "loc:EU"},
        "dpv:hasApplicableLaw": {"@id": "eu-gdpr:GDPR"},
        "dpv:hasService": {
            "@type": "dpv:Service",
            "dct:identifier": shown["site"],
            "dct:title": shown["name"],
        },
        **_notice(first, context),
        "dpv:hasProcess": [_process(purpose, first, context) for purpose in shown["purposes"]],
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent", "dpv:ReaffirmConsent"],
            "dpv:isExercisedAt": context.at("/choice"),
        },
        "dpv:hasRight": [_right(right, context) for right in shown["rights"]],
        "dpv:hasConsentStatus": [
            *(_event(record, context) for record in records),
            *_expiry(records, now),
        ],
    }


def _controller(context: ReceiptContext) -> Json:
    controller = context.shown["controller"]
    found: Json = {
        "@id": f"{context.at('/policy')}#controller",
        "@type": "dpv:DataController",
        "dpv:hasIdentifier": f"{context.at('/policy')}#controller",
        "dpv:hasName": controller["name"],
        "schema:contactPoint": {
            "@type": "schema:ContactPoint",
            "schema:description": controller["contact"],
        },
    }
    if controller["address"]:
        found["schema:address"] = controller["address"]
    return found


def _authority(shown: Mapping[str, Any]) -> Json:
    return {
        "@type": "dpv:DataProtectionAuthority",
        "dpv:hasName": shown["authority"] or NOT_STATED,
    }


def _notice(first: Record, context: ReceiptContext) -> Json:
    address = f"{context.at('/policy')}/{first['policy_version']}?lang={first['language']}"
    facts = {
        "@id": address,
        "dct:hasVersion": str(first["policy_version"]),
        "dct:issued": as_iso(context.published_at),
        "dct:language": first["language"],
        "schema:sha256": first["notice_hash"],
    }
    if first["event_type"] != EXPLICIT:
        return {"dct:references": facts}  # in force then, but not shown to the visitor
    return {"dpv:hasNotice": {**facts, "@type": "dpv:ConsentNotice"}}


def _process(purpose: Mapping[str, Any], first: Record, context: ReceiptContext) -> Json:
    agreed = purpose["id"] in first["purposes"]
    aim: Json = {
        "@type": "dpv:Purpose",
        "dct:identifier": purpose["id"],
        "dct:title": purpose["title"],
        "dct:description": purpose["text"],
    }
    if purpose["id"] == PURPOSE:
        aim["skos:broader"] = {"@id": "dpv:ServiceUsageAnalytics"}
    return {
        "@type": "dpv:Process",
        "dpv:hasConsentStatus": {"@id": "dpv:ConsentGiven" if agreed else "dpv:ConsentRefused"},
        "dpv:hasPurpose": aim,
        "dpv:hasPersonalData": [_field(field) for field in purpose["fields"]],
        "dpv:hasProcessing": [{"@id": name} for name in _OPERATIONS],
        "dpv:hasLegalBasis": [{"@id": name} for name in ("eu-gdpr:A6-1-a", *_expressed(first))],
        "dpv:hasDataController": {"@id": f"{context.at('/policy')}#controller"},
        "dpv:hasRecipient": _recipients(context),
        "dpv:hasStorageCondition": _storage(context),
    }


def _field(field: Mapping[str, str]) -> Json:
    said: Json = {
        "@type": "dpv:PersonalData",
        "dct:identifier": field["column"],
        "dct:title": field["name"],
        "dct:description": field["text"],
        "dpv:hasNecessity": {"@id": "dpv:Required"},
    }
    kind = _KINDS.get(field["column"])
    return {**said, "skos:broader": {"@id": kind}} if kind else said


def _recipients(context: ReceiptContext) -> list[Json]:
    names = context.recipients or ("none",)
    return [{"@type": "dpv:Recipient", "dpv:hasName": name} for name in names]


def _storage(context: ReceiptContext) -> list[Json]:
    return [
        {"@type": "dpv:StorageDuration", "dpv:hasDuration": f"P{context.retention_months}M"},
        {
            "@type": "dpv:StorageLocation",
            "dpv:hasLocation": context.storage_location or NOT_STATED,
        },
    ]


def _right(text: str, context: ReceiptContext) -> Json:
    return {
        "@type": "dpv:DataSubjectRight",
        "dct:description": text,
        "dpv:hasApplicableLaw": {"@id": "eu-gdpr:GDPR"},
        "dpv:isExercisedAt": context.at("/policy"),
    }


def _event(record: Record, context: ReceiptContext) -> Json:
    facts = {
        "given_by": record["given_by"],
        "ui_hash": record["ui_hash"],
        "previous_hash": record["previous_hash"],
        **{f"signal_{name}": value for name, value in record["signals"].items()},
    }
    return {
        "@type": [_state(record), *_expressed(record)],
        "dct:identifier": record["record_id"],
        "dpv:isIndicatedAtTime": as_iso(record["event_time"]),
        "dpv:hasDuration": _until(record),
        **_indicated_by(record, context),
        "dpv:hasIndicationMethod": record["method"],
        "schema:sha256": record["hash"],
        "schema:additionalProperty": [
            {"@type": "schema:PropertyValue", "schema:name": name, "schema:value": value}
            for name, value in facts.items()
        ],
    }


def _expressed(record: Record) -> tuple[str, ...]:
    """Return the claim that the act was explicit, only where it was done in our banner or form."""
    return ("dpv:ExplicitlyExpressedConsent",) if record["event_type"] == EXPLICIT else ()


def _state(record: Record) -> str:
    """Return the state in DPV's terms: visitors withdraw a consent, controllers revoke it."""
    return "dpv:ConsentRevoked" if record["event_type"] == REVOKED else _STATES[record["state"]]


def _indicated_by(record: Record, context: ReceiptContext) -> Json:
    """Return who indicated the act: the visitor, the controller, or a consent manager."""
    if record["event_type"] == EXPLICIT:
        return {"dpv:isIndicatedBy": {"@id": "dpv:DataSubject"}}
    if record["event_type"] == REVOKED:
        return {"dpv:isIndicatedBy": {"@id": f"{context.at('/policy')}#controller"}}
    name = record["given_by"].removeprefix("manager:")
    said = f"The consent manager {name} passed this on. What it showed the visitor is not known."
    indicated = {"@type": "dpv:Entity", "dpv:hasName": name}
    return {"dpv:isIndicatedBy": indicated, "dct:description": said}


def _until(record: Record) -> Json:
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": as_iso(record["valid_until"])}


def _expiry(records: Sequence[Record], now: int) -> list[Json]:
    """Return the event of an expiry, for which there is no record."""
    last = records[-1]
    if last["state"] == WITHDRAWN or now < last["valid_until"]:
        return []
    time = as_iso(last["valid_until"])
    return [{"@type": "dpv:ConsentExpired", "dpv:isIndicatedAtTime": time}]
