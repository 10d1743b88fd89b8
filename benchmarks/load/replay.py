"""Replays a real access log through the public endpoints, as its visitors' browsers would.

    python -m benchmarks.load.replay --server http://127.0.0.1:8000 --site KEY [--lines 2000]

The site must list the hosts semicomplete.com and www.semicomplete.com, and the server must trust
this machine as a proxy (ASKFIRST_TRUSTED_PROXIES=127.0.0.1).
"""

import argparse
import asyncio
import base64
import json
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd

from benchmarks.load.access_log import HOST, SHIPPED, read_log
from collector.enrichment.enrich import client_of

ORIGIN = f"http://{HOST}"
AT_ONCE = 16


class Replay:
    """Sends each visitor's choice and then, in order, the page views of those who accept.

    Afterwards `answers` counts the answers by status and code, `refused` holds the visitors whom
    the server refused as crawlers, `bots` them and those whose events are recorded and left out of
    the reports, and `counted` says how many page views the reports show.
    """

    def __init__(self, client: httpx2.AsyncClient, site: str) -> None:
        self._client = client
        self._site = site
        self._wording: dict[str, Any] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self.answers: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.bots: set[str] = set()
        self.counted = 0

    async def run(self, views: pd.DataFrame) -> None:
        """Replay the page views that `read_log` returns."""
        answer = await self._client.get(f"/wording/{self._site}.json")
        self._wording = answer.raise_for_status().json()
        visitors = [rows for _, rows in views.groupby("visitor", sort=False)]
        await asyncio.gather(*(self._visitor(rows) for rows in visitors))

    async def _visitor(self, rows: pd.DataFrame) -> None:
        first = rows.iloc[0]
        headers = {
            "Origin": ORIGIN,
            "Content-Type": "text/plain",
            "User-Agent": first["user_agent"],
            "X-Forwarded-For": first["ip"],
        }
        async with self._free:
            if not first["accepts"]:
                await self._post("/consent", {"site": self._site, "choice": "refuse"}, headers)
                return
            token = (await self._post("/consent", self._yes(), headers)).json()["token"]
            for row in rows.to_dict("records"):
                await self._view(row, token, headers)

    def _yes(self) -> dict[str, Any]:
        return {
            "site": self._site,
            "choice": "accept",
            "purposes": [purpose["id"] for purpose in self._wording["purposes"]],
            "version": self._wording["version"],
            "notice": self._wording["hash"],
            "language": self._wording["language"],
            "method": "banner",
            "gpc": False,
        }

    async def _view(self, row: dict[Any, Any], token: str, headers: dict[str, str]) -> None:
        event = {
            "id": base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="),
            "kind": "page_view",
            "age": 0,
            "url": ORIGIN + row["target"],
            "referrer": row["referrer"],
        }
        body = {"site": self._site, "token": token, "events": [event]}
        answer = await self._post("/event", body, headers)
        if answer.status_code == 403 and answer.json()["error"]["code"] == "bot":
            self.refused.add(row["visitor"])
        if client_of(row["user_agent"]).sender_rule:
            self.bots.add(row["visitor"])
        elif answer.status_code == 202:
            self.counted += 1

    async def _post(self, path: str, body: object, headers: dict[str, str]) -> httpx2.Response:
        encoded = {name: value.encode("utf-8", "replace") for name, value in headers.items()}
        answer = await self._client.post(path, content=json.dumps(body), headers=encoded)
        code = answer.json().get("error", {}).get("code", "")
        self.answers[f"{path} {answer.status_code} {code}".strip()] += 1
        return answer


async def _main() -> None:
    asked = argparse.ArgumentParser(description="Replay an access log through the endpoints.")
    asked.add_argument("--server", default="http://127.0.0.1:8000")
    asked.add_argument("--site", required=True, help="the site's public key")
    asked.add_argument("--log", type=Path, default=SHIPPED)
    asked.add_argument("--lines", type=int)
    given = asked.parse_args()
    views = read_log(given.log, given.lines)
    async with httpx2.AsyncClient(base_url=given.server, timeout=30) as client:
        replay = Replay(client, given.site)
        await replay.run(views)
    taken = views[views["accepts"] & ~views["visitor"].isin(replay.bots)]
    print(f"visitors {views['visitor'].nunique()}, page views {len(views)}")
    print(f"recorded visitors {taken['visitor'].nunique()}, recorded page views {len(taken)}")
    for answer, count in sorted(replay.answers.items()):
        print(f"{count:7} {answer}")


if __name__ == "__main__":
    asyncio.run(_main())
