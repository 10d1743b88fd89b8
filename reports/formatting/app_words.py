"""The names of apps that are referrers, such as the Google app, in place of their package ids."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from askfirst.system.assets import asset_path

_APP = "app:"


def app_words(package: str) -> str:
    """Write the package id of an app that is a known source: `Google (app)`; '' for another name.

    `data/sources` names the apps that the sources come with.
    """
    name = _apps().get(package.lower(), "")
    return f"{name} (app)" if name else ""


@cache
def _apps() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("listed", "ours"):
        lists = json.loads(asset_path(f"data/sources/{name}.json").read_text("utf-8"))
        found |= dict(_named(lists.get("sources", lists)))
    return found


def _named(channels: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for sources in channels.values():
        for source, hosts in sources.items():
            for one in hosts:
                if one.startswith(_APP):
                    yield one.removeprefix(_APP).lower(), source
