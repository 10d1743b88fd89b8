"""Work that blocks for reports has threads of its own, so that no other work waits for it."""

import asyncio
import threading

import pytest

from askfirst.system.threads import Threads, for_reports


@pytest.fixture
async def threads() -> None:
    asyncio.get_running_loop().set_default_executor(Threads())


def name() -> str:
    return threading.current_thread().name


@pytest.mark.usefixtures("threads")
async def test_other_work_is_done_while_reports_fill_all_their_threads():
    done = threading.Event()
    with for_reports():
        waiting = [asyncio.ensure_future(asyncio.to_thread(done.wait, 60)) for _ in range(80)]
    try:
        async with asyncio.timeout(30):
            assert (await asyncio.to_thread(name)).startswith("work")
        assert not any(one.done() for one in waiting)
    finally:
        done.set()
        await asyncio.gather(*waiting)


@pytest.mark.usefixtures("threads")
async def test_only_the_task_that_is_about_reports_uses_their_threads():
    async def report() -> str:
        with for_reports():
            return await asyncio.to_thread(name)

    found = await asyncio.gather(report(), asyncio.to_thread(name), report())
    assert [one.partition("_")[0] for one in found] == ["report", "work", "report"]
    assert (await asyncio.to_thread(name)).startswith("work")
