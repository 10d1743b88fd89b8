"""A real Firefox, driven by WebDriver BiDi alone: https://w3c.github.io/webdriver-bidi/.

`chrome` runs a script with the rights of the browser itself, which sets what BiDi cannot.
"""

import asyncio
import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

EXECUTABLES = ("firefox", "firefox-esr")
PATIENCE = 60.0  # seconds that something in the browser may take on a busy machine
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Space": " "}
# Hosts that end in .test are this machine; a proxy that nobody runs keeps everything else in it.
PREFERENCES: dict[str, str | int | bool] = {
    "network.dns.localDomains": "www.harbour.test,askfirst.harbour.test,askfirst.elsewhere.test",
    "network.disable-localhost-when-offline": True,
    "network.proxy.type": 1,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1,localhost,.test",
    "remote.prefs.recommended": True,
    "browser.tabs.remote.separatePrivilegedContentProcess": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.sessionhistory.max_total_viewers": 4,
    "toolkit.telemetry.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}
# Reports leave out what a program steers, so these tests say that none does.
UNSTEERED = "() => Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"


def executable() -> str | None:
    """Return the path of FIREFOX or of the browser on the PATH."""
    found = (shutil.which(name) for name in EXECUTABLES)
    return os.environ.get("FIREFOX") or next(filter(None, found), None)


class BrowserError(Exception):
    """Firefox refuses a command, or a script in it throws."""


@dataclass
class Firefox:
    """A running Firefox."""

    socket: ClientConnection
    answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: count(1))

    async def listen(self) -> None:
        async for message in self.socket:
            said = json.loads(message)
            if said["type"] == "event":
                self._note(said["params"])
            else:
                self.answers.pop(said["id"]).set_result(said)

    def _note(self, entry: dict[str, Any]) -> None:
        """Keep what pages report on the console as an error."""
        if entry.get("level") == "error":
            self.errors.append(str(entry.get("text")))

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self.ids)
        answer = self.answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        said = await asyncio.wait_for(answer, PATIENCE * 3)
        if said["type"] == "error":
            raise BrowserError(f"{method}: {said['error']}: {said['message']}")
        return said["result"]

    async def profile(self) -> str:
        """Return a new container: no cookie, no storage."""
        return str((await self.call("browser.createUserContext"))["userContext"])

    async def tab(self, profile: str, address: str = "", *, background: bool = False) -> "Tab":
        made = await self.call(
            "browsingContext.create", type="tab", userContext=profile, background=background
        )
        tab = Tab(self, made["context"])
        if address:
            await tab.goto(address)
        return tab

    async def chrome(self, script: str) -> Any:
        tree = await self.call("browsingContext.getTree", **{"moz:scope": "chrome"})
        return await Tab(self, tree["contexts"][0]["context"]).run(script)


@dataclass
class Tab:
    """A tab, or a frame in one."""

    firefox: Firefox
    context: str

    async def goto(self, address: str, wait: str = "complete") -> None:
        await self.firefox.call(
            "browsingContext.navigate", context=self.context, url=address, wait=wait
        )

    async def run(self, script: str) -> Any:
        """Return what an expression, or a promise, comes to; as JSON."""
        said = await self.firefox.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({script})) ?? null))()",
            target={"context": self.context},
            awaitPromise=True,
            userActivation=False,
        )
        if said["type"] == "exception":
            raise BrowserError(said["exceptionDetails"]["text"])
        return json.loads(said["result"]["value"])

    async def until(self, script: str) -> Any:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(BrowserError):  # the page is being left
                if found := await self.run(script):
                    return found
            if time.monotonic() > end:
                raise TimeoutError(script)
            await asyncio.sleep(0.05)

    async def see(self, selector: str) -> None:
        await self.until(f"!!document.querySelector({json.dumps(selector)})?.getClientRects()[0]")

    async def gone(self, selector: str) -> None:
        await self.until(f"!document.querySelector({json.dumps(selector)})")

    async def _act(self, *sources: dict[str, Any]) -> None:
        await self.firefox.call("input.performActions", context=self.context, actions=list(sources))

    async def click(self, selector: str, button: int = 0) -> None:
        """Click in the middle of an element; button 1 is the middle one."""
        await self.see(selector)
        x, y = await self.run(
            f"""(() => {{
              const found = document.querySelector({json.dumps(selector)});
              found.scrollIntoView({{ block: "nearest", behavior: "instant" }});
              const {{ x, y, width, height }} = found.getBoundingClientRect();
              return [Math.round(x + width / 2), Math.round(y + height / 2)];
            }})()"""
        )
        move = {"type": "pointerMove", "x": x, "y": y}
        press = [{"type": kind, "button": button} for kind in ("pointerDown", "pointerUp")]
        await self._act({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    async def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": strokes})

    async def wheel(self, pixels: int) -> None:
        scroll = {"type": "scroll", "x": 50, "y": 50, "deltaX": 0, "deltaY": pixels}
        await self._act({"type": "wheel", "id": "wheel", "actions": [scroll]})

    async def reload(self) -> None:
        await self.firefox.call("browsingContext.reload", context=self.context, wait="complete")

    async def activate(self) -> None:
        await self.firefox.call("browsingContext.activate", context=self.context)

    async def close(self) -> None:
        await self.firefox.call("browsingContext.close", context=self.context)

    async def frames(self) -> list["Tab"]:
        tree = await self.firefox.call("browsingContext.getTree", root=self.context)
        return [Tab(self.firefox, it["context"]) for it in tree["contexts"][0]["children"]]


@asynccontextmanager
async def open_firefox(folder: Path, **preferences: str | int | bool) -> AsyncIterator[Firefox]:
    """Run Firefox with a profile in an empty folder until the block ends."""
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in {**PREFERENCES, **preferences}.items()
    ]
    (folder / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        str(executable()),
        *("--headless", "--no-remote", "--profile", str(folder)),
        *("--remote-debugging-port", "0", "--remote-allow-system-access"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(folder), "MOZ_HEADLESS_WIDTH": "1280"},
    )
    try:
        address = await asyncio.wait_for(_address(process), PATIENCE * 3)
        draining = asyncio.create_task(_drain(process))
        async with connect(f"{address}/session", max_size=None, proxy=None) as socket:
            firefox = Firefox(socket)
            listening = asyncio.create_task(firefox.listen())
            await firefox.call("session.new", capabilities={})
            await firefox.call("session.subscribe", events=["log.entryAdded"])
            await firefox.call("script.addPreloadScript", functionDeclaration=UNSTEERED)
            yield firefox
            with suppress(Exception):
                await firefox.call("browser.close")
            listening.cancel()
        draining.cancel()
    finally:
        with suppress(ProcessLookupError, TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    said = ""
    async for line in process.stderr:
        said += line.decode()
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", said):
            return found[1]
    raise BrowserError(said)


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr
    async for _ in process.stderr:
        pass
