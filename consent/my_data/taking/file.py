"""Everything of a person as one ZIP: a page, tables, data, their schema, and a signed digest."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from askfirst.clock import as_datetime, as_iso
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from consent.dependencies import Dependencies
from consent.my_data.contents import MyDataReader, Read
from consent.my_data.page_words import PageWords
from consent.my_data.person import Person
from consent.my_data.taking.file_page import file_page
from consent.receipts.data_integrity import CONTEXT, signed
from consent.rights.own_files import Packed, Tell

DIGEST = "digest.json"
_VOCABULARY = "https://schema.org/"
_READ, _WRITTEN, _SHOWN = 40, 70, 90
"""The percentage that is done after reading, after the data, and after the page."""
_QUICK = 2
"""The compression: rows resemble each other, and a stronger one takes three times as long."""


@dataclass(frozen=True)
class _Wanted:
    """Of whom a file is, in which words, and when it was asked for (Unix ms)."""

    person: Person
    words: PageWords
    now: int


class MyFile:
    """Writes a person's file."""

    def __init__(self, deps: Dependencies, reader: MyDataReader) -> None:
        self._deps = deps
        self._reader = reader

    async def packed(self, person: Person, words: PageWords, tell: Tell) -> Packed:
        """Return the ZIP, with its page in the language of the words.

        Its digest names the files by their SHA-256 and is signed. `tell` hears how far it is.
        """

        def reading(asked: int, of: int) -> None:
            tell(_READ * asked // of)

        wanted = _Wanted(person, words, self._deps.clock())
        rows = await self._reader.rows(person, reading)
        read = await self._reader.read_of(person, rows)
        body = await asyncio.to_thread(self._zipped, wanted, read, tell)
        site = person.site.key
        return Packed(f"my-data-{site}-{as_iso(wanted.now)[:10]}.zip", body)

    def _zipped(self, wanted: _Wanted, read: Read, tell: Tell) -> bytes:
        site = wanted.person.site
        files = self._files(wanted, read.rows, tell)
        page = file_page(self._deps.pages, wanted.words, read)
        tell(_SHOWN)
        whole = {"page.html": page, **files}
        key = self._deps.site_keys.of(site.key)
        digest = signed(_digest(site, whole, wanted.now), key, as_iso(wanted.now))
        text = json.dumps(digest, ensure_ascii=False, indent=2) + "\n"
        return _zipped({**whole, DIGEST: text.encode()}, wanted.now)

    def _files(
        self, wanted: _Wanted, rows: Mapping[str, Sequence[Row]], tell: Tell
    ) -> Mapping[str, bytes]:
        def writing(done: int, of: int) -> None:
            tell(_READ + (_WRITTEN - _READ) * done // of)

        person = wanted.person
        return self._deps.visitor_files(person.site, next(iter(person.ids), ""), rows, writing)


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


def _zipped(files: Mapping[str, bytes], now: int) -> bytes:
    made, written = as_datetime(now).timetuple()[:6], io.BytesIO()
    with zipfile.ZipFile(written, "w") as folder:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, made)
            folder.writestr(entry, body, zipfile.ZIP_DEFLATED, _QUICK)
    return written.getvalue()
