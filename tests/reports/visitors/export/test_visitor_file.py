"""A visitor's file as one page opens without a network and tells what happened."""

import base64
import hashlib
import re

from tests.reports.garden import ANNA, Garden
from tests.reports.visitors.people import two_people


async def test_the_page_loads_nothing_and_says_what_happened(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.html")
    [style] = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in answer.text
    assert not re.findall(r"<script|<link|<img|@import|url\(|\bsrc=", answer.text)
    assert set(re.findall(r'href="(.)', answer.text)) == {"#"}
    assert "Left for out.example" in answer.text
    assert "Said yes" in answer.text
    assert answer.headers["content-disposition"].endswith('-2026-01-01.html"')
