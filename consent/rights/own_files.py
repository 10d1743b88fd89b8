"""Files of persons while they are made and until they are saved: in memory alone, on no disk."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import structlog

from askfirst.clock import Clock
from askfirst.rate_limits import MINUTE_MS

LIVES_MS = 15 * MINUTE_MS
"""How long a file can be saved after it was asked for."""
MOST_MADE = 4
"""Large files that are made at the same time, and likewise small ones, for which requests wait."""
MOST_KEPT = 20
"""Large files that are made or can be saved. No more are begun then, and none is ended for another
but by the rule of the next two."""
MANY = 4
"""How many files that can be saved a network has at least, of which one is ended for another."""
AHEAD = 2
"""It has more than so many more of them than the network from which another is asked for."""
MOST = 100
"""The percentage of a file that is done."""

State = Literal["making", "ready", "failed", "dropped"]
Tell = Callable[[int], None]
"""Is told the percentage that is done; raises `Dropped`."""

log = structlog.get_logger()


class Dropped(Exception):
    """Nobody waits for the file any more."""


@dataclass(frozen=True)
class Packed:
    """A whole file: its name for the browser, and its bytes."""

    name: str
    body: bytes


Make = Callable[[Tell], Awaitable[Packed]]


@dataclass(eq=False)
class OwnFile:
    """A file of the person with these ids: asked for when (Unix ms), how far, and its contents.

    `account` is the number of the account whose session asked for it, whose rows it has, else ''.
    `network` is the shortened address from which it was asked for. `name` are 128 random bits as
    hexadecimal digits. `error` is why it failed. `waiting` is how
    many requests wait for a small one.
    """

    site_id: int
    ids: frozenset[str]
    begun: int
    account: str = ""
    is_small: bool = False
    network: str = ""
    waiting: int = 0
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    state: State = "making"
    percent: int = 0
    packed: Packed | None = None
    error: Exception | None = None
    task: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it is made, has failed or is dropped."""

    @property
    def until(self) -> int:
        """Until when it can be saved, in Unix milliseconds."""
        return self.begun + LIVES_MS

    def is_opened_with(self, other: "OwnFile") -> bool:
        """Return whether whoever may have the other file may have this one."""
        mine = self.site_id == other.site_id and self.account in ("", other.account)
        return mine and self.ids <= other.ids

    def tell(self, percent: int) -> None:
        """Note how much is done; raises `Dropped`, which ends a thread that makes it."""
        if self.state == "dropped":
            raise Dropped
        self.percent = percent

    async def make(self, made: Make) -> None:
        """Make it, and note how that ended, if anybody still waits for it."""
        try:
            packed = await made(self.tell)
            self.tell(MOST)
            self.packed, self.state = packed, "ready"
        except Dropped:
            return
        except Exception as error:  # noqa: BLE001 - it is kept for those who wait for the file
            self.error, self.state = error, "failed"
            log.warning("own_file_failed", why=type(error).__name__)
        finally:
            self.over.set()


class OwnFiles:
    """The files that are known. Whoever is erased, even in part, has none afterwards.

    No method waits, so that nothing comes between what it reads and what it does.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, OwnFile] = {}
        self._ending: set[OwnFile] = set()

    def begin(
        self,
        site_id: int,
        ids: Sequence[str],
        made: Make,
        *,
        account: str = "",
        is_small: bool = False,
        network: str = "",
    ) -> OwnFile | None:
        """Make a file beside the requests, or return the one that is made of the same.

        A person has one: what could be saved before is forgotten, if it has nothing that `ids` and
        `account` do not open. So the token of one browser reaches no file of an account that joins
        it. None where too many are made or wait: then nothing of the person is forgotten.
        """
        file = OwnFile(site_id, frozenset(ids), self._clock(), account, is_small, network)
        mine = [one for one in self._known.values() if one.is_opened_with(file)]
        making = [one for one in mine if one.state == "making"]
        ended = [one for one in mine if one.state != "making"]
        if same := next((one for one in making if file.is_opened_with(one)), None):
            self._drop(ended)
            return same
        # of fewer browsers of the person: the new one has all that they have
        replaced = [*ended, *(one for one in making if not one.is_small)]
        if self._is_full(file, replaced):
            return None
        self._drop(replaced)
        file.task = asyncio.create_task(file.make(made))
        self._known[file.name] = file
        return file

    def find(self, site_id: int, name: str) -> OwnFile | None:
        """Return a site's file by its name; None where there is none (any more)."""
        self.drop_old()
        file = self._known.get(name)
        return file if file and file.site_id == site_id else None

    def take(self, site_id: int, name: str) -> Packed | None:
        """Return a file that is ready and forget it; None where there is none."""
        file = self.find(site_id, name)
        if file is None or file.packed is None:
            return None
        packed = file.packed
        self.drop(file)
        return packed

    def _is_full(self, asked: OwnFile, replaced: Sequence[OwnFile]) -> bool:
        """Return whether no more files of this size can be made; those that failed hold no room.

        One that is replaced goes on to its next step, so what is made counts it; what waits not.
        """
        self.drop_old()
        is_small = asked.is_small
        self._drop([file for file in self._known.values() if file.state == "failed"][:-MOST_KEPT])
        alike = [file for file in self._known.values() if file.is_small == is_small]
        held = [file for file in alike if file.state != "failed"]
        made = [file for file in held if file.state == "making"]
        made += [file for file in self._ending if file.is_small == is_small]
        # a small one is handed to who waits for it, so none of them keeps room
        if len(made) >= MOST_MADE:
            return True
        kept = [file for file in held if file not in replaced]
        return not is_small and len(kept) >= MOST_KEPT and not self._makes_room(asked, kept)

    def _makes_room(self, asked: OwnFile, kept: Sequence[OwnFile]) -> bool:
        """Drop the oldest file that can be saved of the network with the most of them.

        Only if these are `MANY`, and more than `AHEAD` more than those of the asker's network.
        """
        waiting = [file for file in kept if file.state == "ready"]
        counts = Counter(file.network for file in waiting)
        network, most = max(counts.items(), key=lambda one: one[1], default=("", 0))
        if most < MANY or most <= counts[asked.network] + AHEAD:
            return False
        self.drop(next(file for file in waiting if file.network == network))
        return True

    def drop(self, file: OwnFile) -> None:
        """Forget a file; where it is being made, that ends at its next step.

        What reads the stores is not cut off: a thread of it would go on after they are closed.
        """
        self._known.pop(file.name, None)
        file.state, file.packed = "dropped", None
        file.over.set()
        if file.task and not file.task.done():
            self._ending.add(file)
            file.task.add_done_callback(lambda _: self._ending.discard(file))

    def forget(self, site_id: int, visitor_id: str) -> None:
        """Drop the files of the person with this id."""
        self._drop(self._of(site_id, visitor_id))

    def forget_account(self, account_id: str) -> None:
        """Drop the files that the sessions of an account asked for."""
        self._drop([file for file in self._known.values() if file.account == account_id])

    def forget_site(self, site_id: int) -> None:
        """Drop the files of everybody on a site."""
        self._drop([file for file in self._known.values() if file.site_id == site_id])

    def drop_old(self) -> None:
        """Drop the files whose time is over."""
        now = self._clock()
        self._drop([file for file in self._known.values() if file.until <= now])

    async def close(self) -> None:
        """Drop every file, and wait until none is made."""
        self._drop([*self._known.values()])
        tasks = [file.task for file in self._ending if file.task]
        await asyncio.gather(*tasks, return_exceptions=True)

    def _of(self, site_id: int, visitor_id: str) -> list[OwnFile]:
        known = self._known.values()
        return [one for one in known if one.site_id == site_id and visitor_id in one.ids]

    def _drop(self, files: Sequence[OwnFile]) -> None:
        for file in files:
            self.drop(file)
