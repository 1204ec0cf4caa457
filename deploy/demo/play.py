"""The play of one case: its script, step by step, on the facts that Salur says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final

from chassis.clock import Clock
from deploy.demo.complaints import REGENCY, Part
from deploy.demo.desk import Desk, View
from deploy.demo.scripts import Aside, Correction, Ending, Handover, Pace, Question, Reopening, Script
from deploy.demo.writing import introduction, phrases, topics

UNITS: Final = ("dinas-pu-bina-marga", "dinas-kesehatan", "dinas-sosial", "dinas-pendidikan", "satpol-pp")
"""To whom the regency hands work down."""
REASONS: Final = ("unclear", "no_evidence", "not_government", "at_reporters_wish")
INTRODUCED: Final = 0.4
DONE: Final = frozenset({"closed", "archived", "withdrawn", "referred"})


@dataclass(slots=True)
class Play:
    """One case, its part in the week, and the desk on which it is worked."""

    view: View
    part: Part
    desk: Desk
    clock: Clock
    rng: Random

    @property
    def _script(self) -> Script:
        return self.part.script

    async def run(self) -> None:
        """Play it to its end."""
        script, view = self._script, self.view
        await view.until(lambda: view.version > 0)
        if script.acknowledge:
            await self._sleep(0.05, 0.3)
            await self._act("acknowledge", {}, self._anyone())
        if script.handover is not Handover.NONE:
            await self._hand_over()
        if await self._first_look() and await self._work():
            await self._end()

    async def _first_look(self) -> bool:
        """Verify; False when the case goes no further."""
        script = self._script
        if not await self._wait("verification", script.verify):
            return False
        if script.aside is Aside.ARCHIVED:
            await self._act("archive", {"reason": self.rng.choice(REASONS)}, "coordinator")
            return False
        if script.aside is Aside.REFERRED:
            to = "PPID Kabupaten Bojonegoro" if self.view.kind == "information_request" else "Pengadilan setempat"
            await self._act("refer", {"to": to, "reason": self._words("reasons")}, "coordinator")
            return False
        if script.question is not Question.NONE and script.asks_first and not await self._ask():
            return False
        await self._act("verify", {}, script.role)
        return True

    async def _work(self) -> bool:
        """Work on it and answer; False when it is never answered."""
        script, rng = self._script, self.rng
        if script.aside is Aside.WITHDRAWN:
            await self._sleep(0.3, 3)
            await self._word("withdraw", {})
            return False
        if script.question is not Question.NONE and not script.asks_first and not await self._ask():
            return False
        await self._correct()
        if script.extend:
            await self._act("extend", {"days": script.extend, "reason": self._words("extensions")}, "coordinator")
        if script.hand_down and self.view.owner == REGENCY:
            await self._act("hand_down", {"to": f"{REGENCY}/{rng.choice(UNITS)}"}, script.role)
        if not await self._wait("follow_up", script.answer):
            return False
        if script.interim:
            await self._act("follow_up", {"text": self._words("interims"), "final": False}, "technical_officer")
            await self._sleep(0.5, 2)
        await self._answer()
        if script.reply:
            await self._sleep(1, 4)
            await self._word("supplement", {"text": self._reporter_says("replies")})
            await self._sleep(0.5, 2)
            await self._answer()
        return True

    async def _end(self) -> None:
        """Close it, rate it, perhaps take it up again."""
        script, view = self._script, self.view
        if script.ending is not Ending.SYSTEM:
            await self._sleep(1, 4)
            await self._act("close", {}, "reporter" if script.ending is Ending.REPORTER else script.role)
        await view.until(lambda: view.state in DONE)
        if script.rating is not None:
            await self._sleep(0.1, 1)
            await self._word("rate", {"rating": script.rating})
        if script.reopening is Reopening.NONE:
            return
        await self._sleep(1, 4)
        if script.reopening is Reopening.REPORTER:
            await self._word("supplement", {"text": self._reporter_says("replies")})
        else:
            await self._act("reopen", {"reason": self._words("reopenings")}, "coordinator")
        await self._sleep(0.5, 2)
        await self._answer()
        await self._sleep(0.5, 1)
        await self._act("close", {}, script.role)

    async def _ask(self) -> bool:
        """Ask the reporter and go on with the answer; False when none comes."""
        script, view = self._script, self.view
        await self._act("defer", {"question": self._words("questions")}, script.role)
        if script.question is Question.UNANSWERED:
            return False
        await self._sleep(1, 5)
        if script.question is Question.ANSWERED:
            await self._word("supplement", {"text": self._reporter_says("supplements")})
        else:
            await self._act("resume", {}, script.role)
        return view.state not in DONE

    async def _correct(self) -> None:
        script, view, rng = self._script, self.view, self.rng
        reason = self._words("corrections")
        if script.correction is Correction.CATEGORY:
            category = rng.choice([topic.category for topic in topics() if topic.category])
            await self._act("reclassify", {"category": category, "reason": reason}, "coordinator")
        elif script.correction is Correction.KIND:
            kind = "oversight_complaint" if view.kind == "complaint" else "complaint"
            await self._act("reclassify", {"kind": kind, "reason": reason}, "coordinator")
        elif script.correction is Correction.WHISTLEBLOWING:
            await self._act("reclassify", {"kind": "whistleblowing", "reason": reason}, "coordinator")

    async def _hand_over(self) -> None:
        script, view, rng = self._script, self.view, self.rng
        elsewhere, first = self.part.elsewhere, view.owner
        await self._sleep(0.2, 1.0)
        to = None if script.handover is Handover.ASK else elsewhere
        to = REGENCY if to == first else to
        if to != first:
            await self._act("transfer", {"to": to, "reason": self._words("reasons")}, script.role)
        if script.handover is Handover.BOUNCE and view.owner != first:
            await self._sleep(0.2, 0.8)
            await self._act("transfer", {"to": first, "reason": self._words("reasons")}, script.role)
        if view.state == "transfer_requested":
            await self._wait("decision", script.decide)
            data = {"to": elsewhere, "reason": self._words("decisions")}
            await self.desk.act(view, rng, "decide_transfer", data, "coordinator", agency=view.decider)

    async def _wait(self, clock: str, pace: Pace) -> bool:
        """Wait as the pace asks, measured by the clock; False: the office stays silent."""
        view, rng = self.view, self.rng
        place = (clock, view.decider if clock == "decision" else view.owner)
        await view.until(lambda: place in view.dues)
        start, due = view.dues[place]
        match pace:
            case Pace.NEVER:
                return False
            case Pace.STIRRED:
                await view.until(lambda: place in view.climbed)
                await self._sleep(0.5, 3)
                return True
            case Pace.PROMPT:
                at = start + timedelta(days=rng.uniform(0.1, 0.9))
            case Pace.SLOW:
                at = start + (due - start) * rng.uniform(0.55, 0.68)
            case Pace.LATE:
                at = due + timedelta(days=rng.uniform(0.2, 1.5))
        await asyncio.sleep(max(0.0, self.clock.real_seconds(at - self.clock.now())))
        return True

    async def _answer(self) -> None:
        await self._act("follow_up", {"text": self._words("answers"), "final": True}, "technical_officer")

    async def _act(self, action: str, data: dict[str, Any], role: str) -> None:
        await self.desk.act(self.view, self.rng, action, data, role)

    async def _word(self, word: str, data: dict[str, Any]) -> None:
        """Let the publisher say it, naming the case by our number or by its own."""
        names = {"tracking_id": self.view.tracking} if self.rng.random() < 0.5 else {"external_ref": self.part.reference}
        await self.desk.word(self.view, self.rng, word, data, names, self.part.source)

    async def _sleep(self, least: float, most: float) -> None:
        """Let so many days pass."""
        days = timedelta(days=self.rng.uniform(least, most))
        await asyncio.sleep(max(0.0, self.clock.real_seconds(days)))

    def _reporter_says(self, kind: str) -> str:
        """Return words of the reporter, who at times says again who it is."""
        who = self.part.reporter
        said = f"{introduction(self.rng, who)} " if who is not None and self.rng.random() < INTRODUCED else ""
        return f"{said}{self._words(kind)}"

    def _anyone(self) -> str:
        return self.rng.choice(("coordinator", "liaison", "technical_officer"))

    def _words(self, kind: str) -> str:
        words: str = self.rng.choice(phrases()[kind])
        return words
