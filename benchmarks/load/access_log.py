"""Reads the page views and their visitors from a real site's access log, with pandas."""

import hashlib
import lzma
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pandas as pd

SHIPPED = Path(__file__).parents[1] / "data" / "access.log.xz"
HOST = "semicomplete.com"
HOSTS = (HOST, f"www.{HOST}")

# The closing quote of the user agent may be missing: one line is cut off inside it.
_LINE = re.compile(
    r'^(?P<ip>\S+) \S+ \S+ \[[^\]]+\] "(?P<method>\S+) (?P<target>\S+)[^"]*" (?P<status>\d{3}) \S+'
    r' "(?P<referrer>[^"]*)" "(?P<user_agent>[^"]*)"?$'
)
_PAGE = re.compile(r"(?:/|/[^/.]*|\.x?html?|\.php)$")
_SAFE = "/:?&=%+,;@!*'()~#$-._"


def read_log(path: Path = SHIPPED, lines: int | None = None) -> pd.DataFrame:
    """Return the log's page views in its order, one a row.

    Columns: ip, user_agent, path (without query), target, referrer, visitor (address and user
    agent together), accepts (seven of ten visitors, by a stable hash).
    """
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        text = [line.rstrip("\n") for line, _ in zip(file, range(lines or 10**9), strict=False)]
    found = [match.groupdict() for line in text if (match := _LINE.match(line))]
    return _page_views(pd.DataFrame(found, dtype="str"))


def _page_views(log: pd.DataFrame) -> pd.DataFrame:
    log["target"] = log["target"].map(lambda target: quote(target, safe=_SAFE))
    log["path"] = log["target"].map(lambda target: urlsplit(target).path)
    asked = (log["method"] == "GET") & log["status"].isin(["200", "304"])
    views = log[asked & log["path"].str.contains(_PAGE)].copy()
    views["referrer"] = views["referrer"].map(_referrer)
    views["visitor"] = views["ip"] + " " + views["user_agent"]
    views["accepts"] = views["visitor"].map(accepts)
    return views.drop(columns=["method", "status"]).reset_index(drop=True)


def _referrer(written: str) -> str:
    if not written.startswith(("http://", "https://")):
        return ""
    return quote(written.split("#", 1)[0], safe=_SAFE)


def accepts(visitor: str) -> bool:
    """Return whether a visitor says yes: seven of ten do, and always the same ones."""
    return int(hashlib.sha256(visitor.encode()).hexdigest()[:8], 16) % 10 < 7
