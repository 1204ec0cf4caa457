"""Actions and supplements: fields at their limits, wrong kinds of JSON, cases that are unknown or over, offices that may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.poison.fields import NO_FLAG, NO_OBJECT, NO_TEXT
from tests.poison.record import ACTIONS, MARK, Poison, Writer

REASONED: Mapping[str, Mapping[str, Any]] = {
    "transfer": {"to": None},
    "decide_transfer": {"to": "35"},
    "extend": {"days": 1},
    "refer": {"to": "KPK"},
    "reopen": {},
    "reclassify": {"kind": "aspiration"},
}
"""Actions with a `reason` of 1 to 2,000 characters, and what else they need."""


@dataclass(frozen=True)
class Known:
    """A case that is there, and who owns it."""

    case_id: str
    tracking_id: str
    owner: str

    def by(self, role: str = "coordinator", **more: Any) -> dict[str, Any]:
        return {"agency": self.owner, "role": role, "name": MARK, **more}


@dataclass(frozen=True)
class Cases:
    """A case that waits for its owner, one in work, one that is over."""

    fresh: Known
    working: Known
    over: Known


def corpus(write: Writer, cases: Cases) -> Iterator[Poison]:
    yield from _naming(write, cases)
    yield from _acting(write, cases)
    yield from _texts(write, cases)
    yield from _numbers(write, cases)
    yield from _rights(write, cases)
    yield from _supplements(write, cases)


def act(write: Writer, name: str, action: str, case: Known, changes: Mapping[str, Any], code: str = "ok", path: str | None = None) -> Poison:
    """Return an order about a case by its owner's coordinator, with some fields changed."""
    data = {"case_id": case.case_id, "by": case.by()} | dict(changes)
    data = {key: value for key, value in data.items() if value is not ...}
    return write.event(f"{action}: {name}", {"type": f"salur.case.{action}.v1", "data": data}, code, path, topic=ACTIONS)


def unknown(write: Writer, cases: Cases) -> Iterator[Poison]:
    """Return orders for cases that nobody knows: they wait for their case before they are refused."""
    nobody, case = str(uuid4()), cases.fresh
    names: dict[str, dict[str, Any]] = {
        "a case that is not there": {"case_id": nobody},
        "the case of zeros": {"case_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12},
        "a tracking id that is not there": {"case_id": ..., "tracking_id": "7K3M-9QWD-2F5H"},
        "a tracking id that cannot be": {"case_id": ..., "tracking_id": MARK},
        "40 characters for a tracking id": {"case_id": ..., "tracking_id": "😀" * 40},
        "a tracking id of zeros and NULs": {"case_id": ..., "tracking_id": "0000-\0\0-0000"},
    }
    for name, changes in names.items():
        yield act(write, name, "verify", case, changes, "unknown_case", "/data/tracking_id" if "tracking_id" in changes else "/data/case_id")


def _naming(write: Writer, cases: Cases) -> Iterator[Poison]:
    case = cases.fresh
    yield act(write, "no case", "verify", case, {"case_id": ...}, "schema_violation", "/data/case_id")
    for name, value in {
        "a number": 5,
        "a text": "5",
        "words": MARK,
        "true": True,
        "a list": [case.case_id],
        "nothing": "",
        "too short": case.case_id[:-1],
    }.items():
        yield act(write, f"{name} for case_id", "verify", case, {"case_id": value}, "schema_violation", "/data/case_id")
    for name, value in {**NO_TEXT, "nothing": "", "41 characters": "x" * 41}.items():
        yield act(write, f"{name} for tracking_id", "verify", case, {"case_id": ..., "tracking_id": value}, "schema_violation", "/data/tracking_id")
    lower = cases.working.tracking_id.lower().replace("-", " ")
    yield act(write, "a tracking id as people type it", "acknowledge", cases.working, {"case_id": ..., "tracking_id": lower})
    yield act(write, "a case_id in capitals", "acknowledge", cases.working, {"case_id": cases.working.case_id.upper()})


def _acting(write: Writer, cases: Cases) -> Iterator[Poison]:
    case = cases.fresh
    wrong = "schema_violation"
    yield act(write, "nobody", "verify", case, {"by": ...}, wrong, "/data/by")
    for name, value in {**NO_OBJECT, "null": None}.items():
        yield act(write, f"{name} for by", "verify", case, {"by": value}, wrong, "/data/by")
    yield act(write, "an office without agency", "verify", case, {"by": {"role": "liaison"}}, wrong, "/data/by/agency")
    for name, value in {"null": None, "an unknown word": MARK, "a number": 5, "nothing": "", "capitals": "LIAISON"}.items():
        yield act(write, f"{name} for a role", "verify", case, {"by": case.by() | {"role": value}}, wrong, "/data/by/role")
    for field, most in (("agency", 200), ("name", 200)):
        yield act(write, f"{field} of {most + 1}", "verify", case, {"by": case.by() | {field: "😀" * (most + 1)}}, wrong, f"/data/by/{field}")
        for name, value in NO_TEXT.items():
            yield act(write, f"{name} for {field}", "verify", case, {"by": case.by() | {field: value}}, wrong, f"/data/by/{field}")
    yield act(write, "a name of 200", "acknowledge", cases.working, {"by": cases.working.by(name="😀" * 200)})
    yield act(write, "an agency of 200", "verify", case, {"by": case.by() | {"agency": "😀" * 200}}, "forbidden_role", "/data/by")


def _texts(write: Writer, cases: Cases) -> Iterator[Poison]:
    case, wrong = cases.working, "schema_violation"
    answer = {"text": MARK, "final": False}
    yield act(write, "20,000 characters", "follow_up", case, answer | {"text": "😀" * 20_000})
    yield act(write, "20,001 characters", "follow_up", case, answer | {"text": "x" * 20_001}, wrong, "/data/text")
    yield act(write, "nothing but NULs", "follow_up", case, answer | {"text": "\0\0"}, wrong, "/data/text")
    yield act(write, "a NUL in it", "follow_up", case, answer | {"text": f"{MARK}\0"})
    for name, value in {**NO_FLAG, "missing": ...}.items():
        yield act(write, f"{name} for final", "follow_up", case, answer | {"final": value}, wrong, "/data/final")
    fresh = cases.fresh
    yield act(write, "2,001 characters", "defer", fresh, {"question": "x" * 2_001}, wrong, "/data/question")
    yield act(write, "no question", "defer", fresh, {}, wrong, "/data/question")
    for action, more in REASONED.items():
        for name, value in {"2,001 characters": "x" * 2_001, "nothing": "", "missing": ..., "null": None, "a number": 5}.items():
            yield act(write, f"{name} for a reason", action, fresh, {**more, "reason": value}, wrong, "/data/reason")
    for action in ("transfer", "decide_transfer", "refer"):
        for name, value in {"201 characters": "x" * 201, "nothing": "", "missing": ..., "a number": 5, "a list": ["35"]}.items():
            yield act(write, f"{name} for to", action, fresh, {"reason": MARK, "to": value}, wrong, "/data/to")
    for name, value in {"an unknown word": MARK, "null": None, "missing": ..., "nothing": "", "a number": 5}.items():
        yield act(write, f"{name} for a reason", "archive", fresh, {"reason": value}, wrong, "/data/reason")


def _numbers(write: Writer, cases: Cases) -> Iterator[Poison]:
    case, wrong = cases.fresh, "schema_violation"
    for value in (0, 61, -1, "5", 5.0, True, None, ..., 2**64):
        yield act(write, f"{value!r} days", "extend", case, {"reason": MARK, "days": value}, wrong, "/data/days")
    for value in (-1, "1", 1.0, True, 2**53, [1]):
        yield act(write, f"version {value!r}", "verify", case, {"expected_version": value}, wrong, "/data/expected_version")
    for value in (0, 999, 2**53 - 1):
        yield act(write, f"version {value}", "verify", case, {"expected_version": value}, "stale_version", "/data/expected_version")


def _rights(write: Writer, cases: Cases) -> Iterator[Poison]:
    case = cases.fresh
    for name, by in {
        "another agency": {"agency": "ID.KEMENKEU", "role": "coordinator"},
        "an agency that is not there": {"agency": MARK, "role": "coordinator"},
        "a technical officer": case.by("technical_officer"),
        "the reporter": {"role": "reporter"},
    }.items():
        yield act(write, name, "verify", case, {"by": by}, "forbidden_role", "/data/by")
    yield act(write, "before any answer", "close", case, {}, "illegal_action", "")
    yield act(write, "what is not over", "reopen", case, {"reason": MARK}, "illegal_action", "")
    yield act(write, "twice", "verify", cases.working, {}, "illegal_action", "")
    for action, more in {
        "verify": {},
        "transfer": {"to": None, "reason": MARK},
        "acknowledge": {},
        "follow_up": {"text": MARK, "final": True},
    }.items():
        yield act(write, "a case that is over", action, cases.over, more, "illegal_action", "")


def _supplements(write: Writer, cases: Cases) -> Iterator[Poison]:
    tracking, wrong = cases.fresh.tracking_id, "schema_violation"

    def say(name: str, what: str, data: Mapping[str, Any], code: str = wrong, path: str | None = None) -> Poison:
        kept = {key: value for key, value in data.items() if value is not ...}
        return write.event(f"{what}: {name}", {"type": f"salur.complaint.{what}.v1", "data": kept}, code, path)

    for what, more in {"supplemented": {"text": MARK}, "withdrawn": {}, "rated": {"rating": 1}}.items():
        yield say("no case", what, more, wrong, "/data/tracking_id")
        yield say("null for a case", what, {**more, "tracking_id": None, "external_ref": None}, wrong, "/data/tracking_id")
        yield say("41 characters", what, {**more, "tracking_id": "x" * 41}, wrong, "/data/tracking_id")
        yield say("101 characters", what, {**more, "external_ref": "x" * 101}, wrong, "/data/external_ref")
        yield say("a number", what, {**more, "tracking_id": 5}, wrong, "/data/tracking_id")
    for value in (0, 5, -1, "1", 1.0, True, None, ..., [4], 2**64):
        yield say(f"{value!r}", "rated", {"tracking_id": tracking, "rating": value}, wrong, "/data/rating")
    for name, value in {**NO_TEXT, "null": None, "nothing": "", "missing": ..., "20,001 characters": "x" * 20_001, "NULs": "\0"}.items():
        yield say(f"{name} for text", "supplemented", {"tracking_id": tracking, "text": value}, wrong, "/data/text")
    yield say("20,000 characters", "supplemented", {"tracking_id": tracking, "text": "😀" * 20_000}, "ok")


def strangers(write: Writer) -> Iterator[Poison]:
    """Return what is said of complaints that nobody knows: it waits for them before it is refused."""
    for what, more in {"supplemented": {"text": MARK}, "withdrawn": {}, "rated": {"rating": 1}}.items():
        for name, named in {"tracking id": {"tracking_id": "7K3M-9QWD-2F5H"}, "own number": {"external_ref": f"{MARK}\0"}}.items():
            yield write.event(f"{what}: an unknown {name}", {"type": f"salur.complaint.{what}.v1", "data": more | named}, "unknown_case", "/data")
