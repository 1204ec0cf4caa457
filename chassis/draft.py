"""A batch in memory: decisions one after another, and everything that is to be written because of them. No I/O."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.aside import Aside
from chassis.item import Item, Origin, Reply, Service, Slot, Unreadable, internal_raw
from chassis.parcels import Parcels
from chassis.saying import Salts, receipt, say, written
from chassis.seal import Seal
from schemas.base import ACCEPTED, Answer, Data, Decision, Problem
from schemas.topics import RESTRICTED

log = logging.getLogger(__name__)

_DUPLICATE = Answer("duplicate", "duplicate")
_QUEUED = Answer("parked", "queued_behind", (Problem("", "an earlier event of the same case is parked"),))
_INTERNAL = Answer("parked", "internal_error", (Problem("", "the event could not be processed; it is kept and will be taken up"),))
_PARKED = {answer.code: answer for answer in (_QUEUED, _INTERNAL)}
_UNKNOWN = {path: Answer("rejected", "unknown_case", (Problem(path, "no such case"),)) for path in ("/data/case_id", "/data/tracking_id", "/data")}
_CONFLICT = Answer("rejected", "idempotency_conflict", (Problem("/id", "this source has used this id for other content"),))


class Draft:
    """Collects what a batch's decisions ask for, as rows for one statement; `slots` change as it goes."""

    def __init__(self, service: Service[Any], slots: Mapping[UUID, Slot], *, reference: Any, seal: Seal, hold_until: datetime) -> None:
        self.service = service
        self.slots = slots
        self.effects: dict[Hashable, Any] = {}
        self.events: list[bytes] = []
        self.said: list[Data] = []
        self.parcels = Parcels()
        self.aside = Aside(seal, hold_until)
        self.named: list[tuple[str, str, UUID, str]] = []
        self.replies: list[tuple[Any, Reply]] = []
        self.outcomes: Counter[str] = Counter()
        self._reference = reference
        self._salts = Salts()
        self._waits: set[UUID] = set()

    def take(self, item: Item) -> None:
        """Decide on one item, unless its case is blocked, then on what waits for the case, as often as that brings it on."""
        slot = self.slots[item.case_id] if item.case_id else None
        self._take(item, slot)
        while slot is not None and slot.ripe:
            slot.ripe = False
            held, slot.held = slot.held, []
            for waiting in held:
                self._take(waiting, slot) if isinstance(waiting, Item) else self.refuse_unreadable(waiting)

    def finish(self) -> None:
        """Hold what still waits when the batch is through, and note for each case whether anything does."""
        for slot in self.slots.values():
            for waiting in slot.held:
                if isinstance(waiting, Item) and waiting.held is None:
                    self._hold(waiting)
            waits = bool(slot.held) or slot.case_id in self._waits
            if slot.waiting != waits:
                slot.waiting = waits
                slot.mark()

    def _take(self, item: Item, slot: Slot | None) -> None:
        if slot is None:
            self._wait(item, None)
        elif slot.blocked_by and item.kept_id is None:
            self._park(item, slot, _QUEUED)
        elif item.kept_id is not None and slot.blocked_by not in (None, item.kept_id):
            return
        else:
            self._decide(item, slot)

    def _decide(self, item: Item, slot: Slot) -> None:
        if item.fault is not None:
            self._park(item, slot, _INTERNAL, item.fault)
            return
        drawn = (item.draw,) if self.service.draws else ()
        try:
            decision = self.service.decide(slot.state, item.event, item.at, self._reference, *drawn)
            bodies = [(data, data.to_json()) for data in decision.events]
        except Exception as error:
            log.exception("decision failed", extra={"case_id": str(slot.case_id), "event_id": item.event.id})
            self._park(item, slot, _INTERNAL, type(error).__name__)
            return
        if decision.wait:
            self._wait(item, slot)
        else:
            self._keep(item, slot, decision, bodies)

    def _keep(self, item: Item, slot: Slot, decision: Decision[Any], bodies: Sequence[tuple[Data, bytes]]) -> None:
        if slot.blocked_by == item.kept_id:
            if slot.blocked_by is not None:
                slot.mark()
            slot.blocked_by = item.behind
        if decision.answer.outcome == "rejected":
            self._refuse(item, slot, decision.answer)
            return
        if decision.state is not slot.state:
            slot.state, slot.changed = decision.state, True
        instant = item.instant or written(item.at)
        for number, (data, body) in enumerate(bodies):
            self._say(item, instant, slot, data, body, number, RESTRICTED if decision.restricted else self.service.topic)
        for effect in decision.effects:
            self.effects[effect.key] = effect
        self.aside.settle(item, "redriven")
        if item.held is not None and item.origin is Origin.INBOUND:  # it was claimed before its case was known
            self.named.append((item.event.source, item.event.id, slot.case_id, self.service.tracking(slot.state)))
        self._answer(item, slot, decision.answer)
        slot.ripe = bool(slot.held) and slot.state is not None

    def _say(self, item: Item, instant: str, slot: Slot, data: Data, body: bytes, number: int, topic: str) -> None:
        row, outgoing = say(self.service, item.event, item.at, instant, slot, data, body, number, topic, self._salts.draw())
        self.events.append(row)
        self.said.append(data)
        self.parcels.add_event(slot.case_id, slot.sequence, outgoing)

    def answer_copy(self, item: Item, holder: Record, state: Any) -> None:
        """Tell the sender of a second record under one id that it is a duplicate, or that its content differs."""
        if holder["digest"] != item.digest:
            self.aside.settle(item, "rejected")
            if item.kept_id is None:
                self.aside.keep(item.raw, item.case_id, "rejected", _CONFLICT.code, item.origin)
            self._tell(item, _CONFLICT, None, None, None)
            return
        self.aside.settle(item, "redriven")
        if item.kept_id is None:
            self.aside.keep(item.raw, holder["case_id"], "duplicate", "duplicate", item.origin, bare=True)
        own = self.service.tracking(state) if state is not None else None
        if item.origin is Origin.HTTP and holder["parked"]:  # a caller who asks again must not take it for done
            answer = _PARKED.get(holder["parked"], Answer("parked", holder["parked"]))
            self._tell(item, answer, holder["case_id"] if state is not None else None, own, state)
            return
        self._tell(item, ACCEPTED if holder["same"] else _DUPLICATE, holder["case_id"], holder["tracking"] or own, state)

    def refuse_unreadable(self, unreadable: Unreadable) -> None:
        """Keep a record that no event could be read from, and answer its sender if it has one; a case it names is blocked."""
        answer = unreadable.answer
        slot = self.slots.get(unreadable.case_id) if unreadable.case_id else None
        self.outcomes[answer.outcome] += 1
        self.aside.unhold(unreadable)
        if unreadable.kept_id is None:
            raw, case_id, claimed = unreadable.raw, unreadable.case_id, unreadable.held is not None
            kept_id = self.aside.keep(raw, case_id, answer.outcome, answer.code, unreadable.origin, detail=_detail(answer), claimed=claimed)
            blocks = answer.outcome == "parked" and (unreadable.origin is not Origin.INBOUND or (slot is not None and slot.state is not None))
            if slot is not None and slot.blocked_by is None and blocks:
                slot.blocked_by = kept_id
                slot.mark()
        elif answer.outcome == "rejected":
            self.aside.tell(unreadable.kept_id, unreadable.ends_as, answer.code)
        else:
            return
        if unreadable.origin is Origin.INBOUND:
            again = unreadable.kept_id is not None
            self.parcels.add(receipt(self.service.source, unreadable.raw, answer, unreadable.at, unreadable, again=again))
        elif unreadable.reply is not None:
            self.replies.append((unreadable.reply, Reply(answer)))

    def _wait(self, item: Item, slot: Slot | None) -> None:
        if item.origin is Origin.HTTP:
            self.aside.release(item)
            self.replies.append((item.reply, Reply(_unknown(item), item.case_id, unknown_yet=True)))
        elif item.expired:
            self._refuse(item, slot, _unknown(item))
        elif slot is None:
            if item.held is None:
                self._hold(item)
                self.aside.settle(item, "redriven")
        elif item.kept_id is None:
            slot.held.append(item)
        else:
            self._hold(item)
            self.aside.settle(item, "redriven")
            self._waits.add(slot.case_id)
            slot.blocked_by = item.behind
            slot.mark()

    def _hold(self, item: Item) -> None:
        if self.aside.hold(item):
            self.outcomes["held"] += 1

    def _refuse(self, item: Item, slot: Slot | None, answer: Answer) -> None:
        self.aside.release(item)
        self.aside.settle(item, "rejected")
        if item.kept_id is None:
            self.aside.keep(item.raw, item.case_id, "rejected", answer.code, item.origin, detail=_detail(answer))
        self._answer(item, slot, answer)

    def _park(self, item: Item, slot: Slot | None, answer: Answer, detail: str = "") -> None:
        if item.kept_id is not None:
            self.aside.tell(item.kept_id, "parked", answer.code)
            if slot is not None:
                slot.blocked_by = item.kept_id
                slot.mark()
            return
        if item.held is not None:
            self.aside.unheld.append(item.held)
        raw = item.raw or (internal_raw(item.event, item.case_id) if item.case_id else None)
        kept_id = self.aside.keep(raw, item.case_id, "parked", answer.code, item.origin, detail=detail, claimed=True, tracking=item.event.tracking)
        if slot is not None and slot.blocked_by is None:
            slot.blocked_by = kept_id
            slot.mark()
        self._answer(item, slot, answer)

    def _answer(self, item: Item, slot: Slot | None, answer: Answer) -> None:
        if item.origin is Origin.OWN:  # nobody to tell, and most of all there is
            self.outcomes["ok" if answer is ACCEPTED else answer.outcome] += 1
            return
        state = slot.state if slot else None
        tracking = answer.tracking_id or (self.service.tracking(state) if state is not None else None)
        self._tell(item, answer, item.case_id if answer.outcome == "accepted" or state is not None else None, tracking, state)

    def _tell(self, item: Item, answer: Answer, case_id: UUID | None, tracking: str | None, state: Any) -> None:
        own = item.origin in (Origin.OWN, Origin.TIMER)
        self.outcomes["ok" if own and answer is ACCEPTED else answer.outcome] += 1
        if item.origin is Origin.INBOUND and item.raw is not None:
            again = item.kept_id is not None
            self.parcels.add(receipt(self.service.source, item.raw, answer, item.at, item.event, case_id, tracking, again=again))
        elif item.reply is not None:
            self.replies.append((item.reply, Reply(answer, case_id, tracking, state)))


def _unknown(item: Item) -> Answer:
    """Return the refusal, which points at the name that was given: a `case_id`, else a tracking id; orders without either name have others."""
    if not hasattr(item.event.data, "case_id"):
        return _UNKNOWN["/data"]
    return _UNKNOWN["/data/case_id" if item.event.data.case_id is not None else "/data/tracking_id"]


def _detail(answer: Answer) -> str:
    return "; ".join(f"{problem.path} {problem.message}" for problem in answer.errors)[:1000]
