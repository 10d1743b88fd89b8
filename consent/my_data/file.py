"""Everything of a person as one ZIP: a page, tables, data, their schema, and a signed digest."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from askfirst.clock import as_datetime, as_iso
from askfirst.sites import Site
from consent.dependencies import Dependencies
from consent.my_data.contents import MyDataReader
from consent.my_data.person import Person
from consent.receipts.data_integrity import CONTEXT, signed

DIGEST = "digest.json"
_VOCABULARY = "https://schema.org/"


class MyFile:
    """Writes a person's file."""

    def __init__(self, deps: Dependencies, reader: MyDataReader) -> None:
        self._deps = deps
        self._reader = reader

    async def response(self, person: Person) -> Response:
        """Answer with the ZIP; its digest names the files by their SHA-256 and is signed."""
        site, now = person.site, self._deps.clock()
        rows = await self._reader.rows(person)
        files = await self._deps.visitor_files(site, person.ids[0], rows)
        digest = signed(_digest(site, files, now), self._deps.site_keys.of(site.key), as_iso(now))
        body = await asyncio.to_thread(_zipped, files, digest, now)
        name = f'attachment; filename="my-data-{site.key}-{as_iso(now)[:10]}.zip"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(body, media_type="application/zip", headers=headers)


def _digest(site: Site, files: Mapping[str, bytes], now: int) -> dict[str, Any]:
    return {
        "@context": [CONTEXT, {"@vocab": _VOCABULARY}],
        "type": "Dataset",
        "publisher": {"type": "WebSite", "name": site.name, "identifier": site.key},
        "dateCreated": as_iso(now),
        "distribution": [
            {
                "type": "DataDownload",
                "name": name,
                "contentSize": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
            for name, body in files.items()
        ],
    }


def _zipped(files: Mapping[str, bytes], digest: Mapping[str, Any], now: int) -> bytes:
    text = json.dumps(digest, ensure_ascii=False, indent=2) + "\n"
    made, written = as_datetime(now).timetuple()[:6], io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, body in {**files, DIGEST: text.encode()}.items():
            entry = zipfile.ZipInfo(name, made)
            entry.compress_type = zipfile.ZIP_DEFLATED
            folder.writestr(entry, body)
    return written.getvalue()
