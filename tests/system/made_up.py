"""A small run that never was, in which every invariant holds: what the oracle's mutants are made of."""

from __future__ import annotations

import json
from typing import Any

from tests.system.evidence import Evidence, Record

DAY = 1_772_413_200
"""2026-03-02T08:00:00+07:00 in seconds."""
HEADERS = ("id", "source", "type")
CASES = {"s-1": "c-1", "s-2": "c-2"}
STEM = "Qazwinayu"


class Run:
    """Builds evidence record by record; real time and Salur's are the same here."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.ledger: list[dict[str, Any]] = [{"op": "stems", "at": DAY, "stems": [STEM]}]
        self.mails: list[dict[str, Any]] = []
        self._offsets: dict[str, int] = {}
        self._sequences: dict[tuple[str, str], int] = {}
        self._second = 0

    def evidence(self) -> Evidence:
        return Evidence(self.records, self.ledger, self.mails, {"intake.log": '{"level": "info"}'}, {"speed": 1, "kills": 0})

    def note(self, op: str, what: str, id_: str, **more: Any) -> None:
        about = {"what": what, "id": id_, "source": "urn:test", "door": "kafka", "expect": "accepted"}
        self.ledger.append({"op": op, "at": DAY + self._second, **about, **more})

    def put(self, topic: str, key: str, event: dict[str, Any]) -> Record:
        offset = self._offsets[topic] = self._offsets.get(topic, -1) + 1
        headers = () if topic in ("salur.submissions", "salur.actions") else tuple((f"salur_{name}", event[name].encode()) for name in HEADERS)
        record = Record(topic, 0, offset, (DAY + self._second) * 1000, key.encode(), json.dumps(event).encode(), headers)
        self.records.append(record)
        return record

    def inbound(self, topic: str, id_: str, what: str, data: dict[str, Any], case_id: str) -> None:
        """Hand something in over Kafka and have it accepted."""
        self.note("invoke", what, id_)
        record = self.put(topic, "k", {"specversion": "1.0", "id": id_, "source": "urn:test", "type": what, "data": data})
        self.note("ok", what, id_)
        place = {"topic": topic, "partition": 0, "offset": record.offset}
        answer = {"outcome": "accepted", "code": "ok", "received_id": id_, "received_source": "urn:test", **place, "case_id": case_id}
        speaker = "intake" if topic == "salur.submissions" else "routing"
        self.put("salur.receipts", id_, self.event(speaker, "receipt", None, id_, answer, name=f"receipt-{id_}"))

    def say(self, speaker: str, type_: str, case_id: str, cause: str, /, **data: Any) -> str:
        """Let a service say something; returns the event's id."""
        self._second += 1
        event = self.event(speaker, type_, case_id, cause, {"case_id": case_id, "tracking_id": f"T-{case_id}", **data})
        self.put(f"salur.{speaker}", case_id, event)
        return str(event["id"])

    def event(self, speaker: str, type_: str, case_id: str | None, cause: str, data: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        number = self._sequences[str(case_id), speaker] = self._sequences.get((str(case_id), speaker), 0) + 1
        event = {
            "specversion": "1.0",
            "id": name or f"{speaker}-{case_id}-{number}",
            "source": f"urn:salur:{speaker}",
            "type": f"salur.{type_}.v1",
            "time": moment(self._second),
            "causationid": cause,
            "correlationid": "s" + str(case_id)[1:],
            "data": data,
        }
        return {**event, "subject": case_id, "sequence": number} if case_id is not None else event

    def tell(self, case_id: str, cause: str, rule: str) -> None:
        """Let notify queue a notice and deliver its mail."""
        notice = {"notice_id": f"n-{cause}", "cause": cause, "rule": rule, "channel": "mail", "reason": None}
        notice["recipient"] = {"agency": "35.22", "role": "coordinator"}
        self.say("notify", "notice.queued", case_id, cause, **notice)
        message_id = f"<{notice['notice_id']}@salur>"
        self.mails.append({"to": ["x@y.example"], "subject": f"[T-{case_id}] kasus", "text": "t", "html": "h", "message_id": message_id})
        self.say("notify", "notice.delivered", case_id, f"sent-{cause}", **notice, message_id=message_id)


def moment(second: int) -> str:
    """Return the run's n-th second as an event tells it."""
    return f"2026-03-02T01:{second // 60:02d}:{second % 60:02d}Z"


def made_up() -> Evidence:
    """Return a run of two cases: one verified in time, one breached."""
    run = Run()
    for submission, case_id in CASES.items():
        run.inbound("salur.submissions", submission, "submit", {"text": f"oleh {STEM}"}, case_id)
        accepted = run.say("intake", "complaint.accepted", case_id, submission, accepted_at=moment(run._second + 1))
        routed = run.say("routing", "case.routed", case_id, accepted, owner="35.22")
        clock = {"clock": "verification", "agency": "35.22", "due_at": moment(run._second + 20)}
        run.say("sla", "deadline.set", case_id, routed, **clock)
        run.tell(case_id, routed, "new-case")
        if submission == "s-1":
            run.inbound("salur.actions", "a-1", "action", {"case_id": case_id}, case_id)
            verified = run.say("routing", "case.verified", case_id, "a-1", owner="35.22")
            run.say("sla", "deadline.met", case_id, verified, **clock)
        else:
            warned = run.say("sla", "deadline.warned", case_id, "timer", **clock, consumed_percent=50, fired_at=moment(run._second + 1))
            run.tell(case_id, warned, "warned")
            run._second += 20
            breached = run.say("sla", "deadline.breached", case_id, "timer", **clock, consumed_percent=100, fired_at=moment(run._second + 1))
            run.tell(case_id, breached, "breached")
    return run.evidence()
