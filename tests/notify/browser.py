"""A real browser, spoken to over its own pipe: no driver, nothing to install beside Chromium."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
PHONE, DESKTOP = (390, 844), (1280, 900)
ANSWER_SECONDS = 30.0


class Browser:
    """One Chromium with one page."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._loads = asyncio.Queue[str]()
        self.refusals: list[str] = []
        """What the browser refused to do for the page, or complained of."""

    async def start(self) -> None:
        assert CHROMIUM is not None
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()

        def settle() -> None:  # Chromium reads its orders from 3 and writes to 4
            low, high = os.dup2(theirs_in, 198), os.dup2(theirs_out, 199)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self._process = await asyncio.create_subprocess_exec(
            *(CHROMIUM, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"),
            pass_fds=(3, 4, theirs_in, theirs_out),
            preexec_fn=settle,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out = ours_out
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=2**28)
        self._transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._reader), os.fdopen(ours_in, "rb"))
        self._listening = asyncio.create_task(self._listen())
        targets = await self._ask("Target.getTargets", session=None)
        page = next(target for target in targets["targetInfos"] if target["type"] == "page")
        attached = await self._ask("Target.attachToTarget", session=None, targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._ask(f"{domain}.enable")
        await self._ask("Emulation.setScriptExecutionDisabled", value=True)

    async def stop(self) -> None:
        self._listening.cancel()
        self._transport.close()
        os.close(self._out)
        self._process.kill()
        await self._process.wait()

    async def look_like(self, size: tuple[int, int] = PHONE, *, dark: bool = False) -> None:
        """Be a screen of this size, light or dark."""
        await self._ask("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size == PHONE)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self._ask("Emulation.setEmulatedMedia", features=[scheme])

    async def open(self, url: str) -> None:
        self._forget_loads()
        await self._ask("Page.navigate", url=url)
        await self._loaded()

    async def evaluate(self, expression: str) -> Any:
        answer = await self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def text(self) -> str:
        return str(await self.evaluate("document.body.innerText"))

    async def click(self, selector: str, *, leaves: bool = False) -> None:
        """Click as a finger does: into the middle of what can be seen there; `leaves` waits for the page it leads to."""
        middle = "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]"
        found = f"document.querySelector({json.dumps(selector)})"
        x, y = await self.evaluate(f"(e => {{ e.scrollIntoView({{block: 'center'}}); {middle} }})({found})")
        self._forget_loads()
        for kind in ("mousePressed", "mouseReleased"):
            await self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        if leaves:
            await self._loaded()

    async def type(self, selector: str, text: str) -> None:
        await self.click(selector)
        await self._ask("Input.insertText", text=text)

    async def screenshot(self, file: Path) -> None:
        """Take a picture of the whole page, however long."""
        shot = await self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    async def _loaded(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._loads.get()

    def _forget_loads(self) -> None:
        while not self._loads.empty():
            self._loads.get_nowait()

    async def _ask(self, method: str, *, session: str | None = "", **params: Any) -> Any:
        number = next(self._numbers)
        order: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            order["sessionId"] = session or self._session
        self._answers[number] = asyncio.get_running_loop().create_future()
        os.write(self._out, json.dumps(order).encode() + b"\0")
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._answers[number]

    async def _listen(self) -> None:
        while True:
            told = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            if (waiting := self._answers.pop(told.get("id", 0), None)) is not None:
                if "error" in told:
                    waiting.set_exception(RuntimeError(told["error"]["message"]))
                else:
                    waiting.set_result(told["result"])
            elif told.get("method") == "Page.loadEventFired":
                self._loads.put_nowait("")
            elif told.get("method") == "Log.entryAdded":
                self.refusals.append(told["params"]["entry"]["text"])
