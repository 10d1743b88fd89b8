"""The queue before the slow hash is short, fair to addresses, and lets known browsers go first."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Unavailable
from askfirst.sign_in.client import ClientKey
from askfirst.sign_in.password_queue import PasswordQueue


class Hall:
    """A queue whose one turn is taken until `open`; it notes who passed and who did not."""

    def __init__(self, most_waiting: int) -> None:
        self.queue = PasswordQueue(at_once=1, most_waiting=most_waiting)
        self.passed: list[str] = []
        self.turned_away: list[str] = []
        self._closed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def close(self) -> None:
        self._tasks.append(asyncio.create_task(self._hold()))
        await asyncio.sleep(0)

    async def _hold(self) -> None:
        async with self.queue.passing(ClientKey("first")):
            await self._closed.wait()

    async def come(self, name: str, client_key: ClientKey) -> asyncio.Task[None]:
        self._tasks.append(asyncio.create_task(self._wait(name, client_key)))
        await asyncio.sleep(0)
        return self._tasks[-1]

    async def _wait(self, name: str, client_key: ClientKey) -> None:
        try:
            async with self.queue.passing(client_key):
                self.passed.append(name)
        except Unavailable:
            self.turned_away.append(name)

    async def open(self) -> None:
        self._closed.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def test_who_comes_when_too_many_wait_is_turned_away_at_once():
    hall = Hall(most_waiting=2)
    await hall.close()
    for name in "abc":
        await hall.come(name, ClientKey(f"address {name}"))
    await asyncio.sleep(0)

    assert hall.turned_away == ["c"]
    await hall.open()
    assert hall.passed == ["a", "b"]


async def test_a_known_browser_goes_before_every_stranger():
    hall = Hall(most_waiting=2)
    await hall.close()
    for name in "ab":
        await hall.come(name, ClientKey(f"address {name}"))
    await hall.come("owner", ClientKey("address of the owner", known=True))
    await hall.open()

    assert hall.passed == ["owner", "a"]
    assert hall.turned_away == ["b"]


async def test_one_address_with_many_requests_keeps_no_other_waiting():
    hall = Hall(most_waiting=4)
    await hall.close()
    for number in range(10):
        await hall.come(f"many {number}", ClientKey("one"))
    await hall.come("single", ClientKey("other"))
    await hall.open()

    assert hall.passed == ["many 0", "single", "many 1", "many 2"]


async def test_who_goes_away_while_waiting_takes_no_turn_along():
    hall = Hall(most_waiting=3)
    await hall.close()
    gone = await hall.come("gone", ClientKey("a"))
    await hall.come("next", ClientKey("b"))
    gone.cancel()
    await hall.open()
    await hall.come("late", ClientKey("c"))
    await hall.open()

    assert hall.passed == ["next", "late"]


async def test_who_goes_away_as_the_turn_comes_hands_it_on():
    queue, passed = PasswordQueue(at_once=1, most_waiting=3), []

    async def wait(name: str) -> None:
        async with queue.passing(ClientKey(name)):
            passed.append(name)

    async with queue.passing(ClientKey("first")):
        gone, following = asyncio.create_task(wait("gone")), asyncio.create_task(wait("next"))
        await asyncio.sleep(0)
    gone.cancel()  # its turn has come, and it has not run yet
    await following
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert passed == ["next"]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=30))
def test_after_any_coming_and_going_everybody_has_an_answer_and_the_next_one_passes(comers):
    async def story() -> None:
        hall = Hall(most_waiting=5)
        await hall.close()
        leaving = []
        for number, (address, known, leaves) in enumerate(comers):
            task = await hall.come(str(number), ClientKey(str(address), known))
            leaving += [task] if leaves else []
        for task in leaving:
            task.cancel()
        await hall.open()
        assert len(hall.passed) <= 5
        await hall.come("late", ClientKey("late"))
        await hall.open()
        assert hall.passed[-1] == "late"

    asyncio.run(story())
