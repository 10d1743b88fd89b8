"""Certificates of erasures: signed for the page, and handed out as a file when it is asked for."""

import json
from collections.abc import Mapping
from string import hexdigits
from typing import Any

from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.sites import Site
from consent.dependencies import Dependencies
from consent.receipts.certificate import certificate, is_certificate
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.issue import MEDIA_TYPE
from consent.rights.erasure_receipt import ErasureReceipt


class Certificates:
    """Signs certificates, and knows its own; none is kept."""

    def __init__(self, deps: Dependencies) -> None:
        self._keys = deps.site_keys

    def signed(self, site: Site, receipt: ErasureReceipt) -> str:
        """Return the signed certificate of an erasure as JSON."""
        document = certificate(receipt, site, self._keys)
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def file(self, site: Site, form: Mapping[str, str]) -> Response:
        """Answer with a certificate of this site as a file; raises `Malformed` for other texts."""
        text = form.get("certificate", "")
        key = self._keys.of(site.key).public_key()
        document = _json_object(text)
        if not is_certificate(document) or not is_signed_by(document, key):
            raise Malformed("This is no certificate of this website.", field="certificate")
        number = "".join(one for one in str(document["dct:identifier"]) if one in hexdigits)
        name = f'attachment; filename="erased-{number}.jsonld"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(text, headers=headers, media_type=MEDIA_TYPE)


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
