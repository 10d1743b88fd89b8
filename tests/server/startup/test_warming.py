"""What is prepared after the start: the first report, and a stop waits until it was asked for."""

import asyncio
import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from askfirst.web.pages import Pages
from reports.overview.overview import OverviewHandler
from server.app import report_dependencies
from server.startup import warming
from tests.world import open_world


async def test_a_stop_waits_for_the_first_report_as_it_reads_the_warehouse(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stopping, ended = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        asked.set()
        assert stopping.wait(60)
        ended.set()

    async def context(*_: Any) -> None:
        await asyncio.to_thread(read)

    monkeypatch.setattr(OverviewHandler, "context", context)
    monkeypatch.setattr(warming, "SECONDS", 0.0)
    async with open_world(tmp_path) as world:
        async with warming.first_report(report_dependencies(world.services)):
            warming.warm_soon()
            assert await asyncio.to_thread(asked.wait, 60)
            asyncio.get_running_loop().call_later(0.05, stopping.set)
        assert ended.is_set()


async def test_a_stop_before_the_reports_are_loaded_waits_for_none(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def context(*_: Any) -> None:
        raise AssertionError("Nothing was loaded.")

    monkeypatch.setattr(OverviewHandler, "context", context)
    async with open_world(tmp_path) as world:
        deps = report_dependencies(world.services)
        async with asyncio.timeout(60), warming.first_report(deps):
            pass


@pytest.mark.parametrize("event", ["first_report_ready", "first_report_failed"])
async def test_the_log_says_once_whether_the_first_report_is_ready(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    async def context(*_: Any) -> None:
        if event == "first_report_failed":
            raise OSError

    monkeypatch.setattr(OverviewHandler, "context", context)
    monkeypatch.setattr(Pages, "text", lambda *_: "")
    monkeypatch.setattr(warming, "SECONDS", 0.0)
    async with open_world(tmp_path) as world:
        with capture_logs() as logs:
            async with warming.first_report(report_dependencies(world.services)):
                await asyncio.to_thread(warming.warm_soon().join)
                await asyncio.sleep(0)  # the event that the thread set wakes who waits for it
    assert [one["event"] for one in logs if "first_report" in one["event"]] == [event]
