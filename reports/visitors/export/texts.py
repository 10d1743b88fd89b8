"""A visitor's file as JSON, and as CSV tables in a ZIP."""

import hashlib
import io
import zipfile
from datetime import datetime

import msgspec

from askfirst.text.spreadsheets import as_table
from reports.visitors.export.contents import Contents, HeldTable, manifest_of

MANIFEST = "manifest.json"


def as_json(contents: Contents) -> bytes:
    """Write one JSON object: generated_at, site, visitor_id, manifest and places."""
    manifest = manifest_of(contents)
    file = {
        **{name: manifest[name] for name in ("generated_at", "site", "visitor_id")},
        "manifest": {name: manifest[name] for name in ("rows", "sha256", "tables")},
        "places": {one.name: one.rows for one in contents.tables},
    }
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def as_zip(contents: Contents) -> bytes:
    """Write a ZIP with a CSV file for each table, also for those without a row, and the manifest.

    The manifest has the SHA-256 of each file as well. Cells are written as
    `askfirst.text.spreadsheets` does.
    """
    files = csv_files(contents)
    manifest = manifest_of(contents)
    for told, (name, body) in zip(manifest["tables"], files.items(), strict=True):
        told |= {"file": name, "file_sha256": hashlib.sha256(body).hexdigest()}
    listed = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, body in {MANIFEST: listed, **files}.items():
            folder.writestr(_entry(name, contents), body)
    return written.getvalue()


def csv_files(contents: Contents) -> dict[str, bytes]:
    """Return a CSV file for each table, also for those without a row, by its name."""
    return {f"{one.name}.csv": _csv(one) for one in contents.tables}


def _csv(table: HeldTable) -> bytes:
    return "".join(as_table(table.columns or ("no rows",), table.rows)).encode()


def _entry(name: str, contents: Contents) -> zipfile.ZipInfo:
    made = datetime.fromisoformat(contents.generated_at)
    entry = zipfile.ZipInfo(name, made.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
