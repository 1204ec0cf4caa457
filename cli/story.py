"""The way of one case as a story: a sentence for each step, in English, with the words that people in Indonesia are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from cli.common import count, plain
from cli.timeline import Step
from cli.times import moment, read_time, span

STATES: Final[Mapping[str, str]] = {
    "accepted": "Belum Terverifikasi",
    "verification": "Belum Terverifikasi",
    "waiting_reporter": "Menunggu Kelengkapan Informasi",
    "transfer_requested": "Belum Terverifikasi",
    "verified": "Terverifikasi",
    "followed_up": "Ditindaklanjuti oleh Instansi",
    "replied": "Ditanggapi oleh Pelapor",
    "closed": "Ditutup",
    "archived": "Diarsipkan",
    "referred": "Diteruskan",
    "merged": "Digabungkan",
    "withdrawn": "Diarsipkan oleh Pelapor",
    "blocked": "Konten Terblokir",
}
_RATINGS: Final = {1: "tidak puas", 2: "kurang puas", 3: "puas", 4: "sangat puas"}
_HIDDEN: Final = "(not shown)"
Data = Mapping[str, Any]


def state_words(state: object) -> str:
    """Return a state with what the public calls it: `verified (Terverifikasi)`."""
    known = STATES.get(str(state))
    return f"{plain(state)} ({known})" if known else plain(state)


def style_of(step: Step) -> str:
    """Return the colour of a step: what went wrong stands out."""
    what = step.event.get("type", "")
    if step.receipt is not None:
        return "" if step.receipt["outcome"] == "accepted" else "yellow"
    if ".breached." in what or ".undeliverable." in what or ".unaddressed." in what or ".without_recipient." in what:
        return "red"
    return "yellow" if ".warned." in what or "escalation." in what else "green" if what.startswith("salur.case.") else ""


def sentence(step: Step, zone: tzinfo) -> str:
    """Return what happened, in one sentence."""
    if step.receipt is not None:
        return _receipt(step.receipt)
    what = step.event["type"].removeprefix("salur.").rpartition(".")[0]
    data = _Facts({name: value for name, value in step.event["data"].items() if value is not None})
    if step.event["erased"]:
        return f"{what} (its data was erased)"
    group = what.partition(".")[0]
    if what in _SENTENCES:
        told = _SENTENCES[what](data)
    elif group == "deadline":
        told = _deadline(what.partition(".")[2], data, step.at, zone)
    elif group == "notice":
        told = _notice(what.partition(".")[2], data)
    else:
        told = what
    return plain(told)


class _Facts(dict[str, Any]):
    """An event's data; what is missing is not shown to operators, or was never said."""

    def __missing__(self, key: str) -> str:
        return _HIDDEN


def _receipt(receipt: Mapping[str, Any]) -> str:
    place = "over HTTP" if receipt["topic"] is None else f"over Kafka ({receipt['topic']} {receipt['partition']}:{receipt['offset']})"
    name = f" as {receipt['received_id']}" if receipt["received_id"] else ""
    outcome = receipt["outcome"] if receipt["code"] in {"ok", "duplicate"} else f"{receipt['outcome']}, {receipt['code']}"
    return plain(f"came in {place}{name}: {outcome}")


def _by(data: Data, name: str = "by") -> str:
    by = data[name]
    if isinstance(by, Mapping):
        return _office(by)
    return {"system": "Salur itself", "reporter": "the reporter"}.get(by, str(by))


def _office(of: Data) -> str:
    role = str(of.get("role")).replace("_", " ")
    return f"the publisher {of.get('agency')}" if role == "publisher" else f"the {role} of {of.get('agency')}"


def _because(data: Data) -> str:
    return f": {data['reason']}" if "reason" in data else ""


def _accepted(data: Data) -> str:
    marks = [name for name in ("anonymous", "confidential") if data.get(name) is True]
    region = f"region {data['region']}" if "region" in data else "no region"
    facts = [str(data["category"]), region, *marks] if "category" in data else marks
    return f"accepted: {str(data['kind']).replace('_', ' ')}" + (f", {', '.join(facts)}" if facts else "")


def _routed(data: Data) -> str:
    reasons = " ".join(data["because"]) if "because" in data else ""
    triage = ", which must find the right agency" if data.get("triage") is True else ""
    return f"{data['owner']} owns it{triage} (rule {data['rule']}). {reasons}".rstrip()


def _transferred(data: Data) -> str:
    decided = f", decided by {_by(data, 'decided_by')}" if "decided_by" in data else f" by {_by(data)}"
    return f"handed over from {data['from']} to {data['to']}{decided}, transfer {data['hop']}{_because(data)}"


def _transfer_requested(data: Data) -> str:
    wish = f", and names {data['to']}" if "to" in data else ""
    return f"{_by(data)} asks {data['decider']} whose it is{wish}{_because(data)}"


def _reclassified(data: Data) -> str:
    pairs = [(data.get(f"was_{name}"), data.get(name)) for name in ("kind", "category")]
    changes = [f"{was} is now {is_}" for was, is_ in pairs if was != is_]
    return f"reclassified by {_by(data)}: {', '.join(changes) or 'nothing changed'}{_because(data)}"


_SENTENCES: Final[Mapping[str, Callable[[Data], str]]] = {
    "complaint.accepted": _accepted,
    "complaint.supplement_accepted": lambda _: "the reporter added something",
    "complaint.withdrawal_accepted": lambda _: "the reporter takes it back",
    "complaint.rating_accepted": lambda data: f"the reporter rates it {data['rating']} of 4 ({_RATINGS.get(data['rating'], '?')})",
    "case.routed": _routed,
    "case.verified": lambda data: f"verified by {_by(data)}",
    "case.deferred": lambda data: f"{_by(data)} asks the reporter for more",
    "case.resumed": lambda data: f"goes on, by {_by(data)}",
    "case.transfer_requested": _transfer_requested,
    "case.transferred": _transferred,
    "case.handed_down": lambda data: f"handed down to {data['to']} by {_by(data)}",
    "case.followed_up": lambda data: f"{'finally' if data['final'] is True else 'for now'} answered by {_by(data)}",
    "case.replied": lambda _: "the reporter replied",
    "case.extended": lambda data: f"{_by(data)} takes {count(data['days'], 'more working day', 'more working days')}{_because(data)}",
    "case.reclassified": _reclassified,
    "case.referred": lambda data: f"referred to {data['to']} by {_by(data)}{_because(data)}",
    "case.archived": lambda data: f"archived by {_by(data)}{_because(data)}",
    "case.withdrawn": lambda data: f"withdrawn by {_by(data)}",
    "case.closed": lambda data: f"closed by {_by(data)}",
    "case.reopened": lambda data: f"reopened by {_by(data)}{_because(data)}",
    "case.acknowledged": lambda data: f"seen by {_by(data)}",
    "escalation.raised": lambda data: f"{data['to']} is told, level {data['level']}: {data['agency']} did not keep the {_clock(data)}",
    "escalation.unaddressed": lambda data: f"nobody is left to tell that {data['agency']} did not keep the {_clock(data)}",
}


def _clock(data: Data) -> str:
    return f"{str(data['clock']).replace('_', '-')} clock"


def _deadline(what: str, data: Data, at: datetime, zone: tzinfo) -> str:
    subject = f"{_clock(data)} of {data['agency']}"
    due = read_time(data["due_at"])
    until = moment(due, zone)
    left = span(due - at)
    late = at > due
    sentences: Mapping[str, Callable[[], str]] = {
        "set": lambda: f"runs: due {until}, " + (f"{left} ago already" if late else f"in {left}"),
        "resumed": lambda: f"runs again: due {until}, in {left}",
        "paused": lambda: f"stands still; it was due {until}",
        "moved": lambda: f"is due {until} instead of {moment(read_time(data['was']), zone)}: {data['why']}",
        "warned": lambda: f"has used {data['consumed_percent']} % of its time, due {until}" + ("" if late else f", {left} left"),
        "met": lambda: f"met, {left} {'late' if late else 'before it was due'}",
        "breached": lambda: f"BREACHED: it was due {until}",
        "elapsed": lambda: "ran out, as it may",
    }
    return f"{subject} {sentences[what]()}" if what in sentences else f"{subject} {what}"


def _notice(what: str, data: Data) -> str:
    to = data["recipient"]
    whom = _office(to) if isinstance(to, Mapping) else "the publisher"
    why = f" ({data['reason']})" if "reason" in data else ""
    words = {
        "queued": "will tell",
        "delivered": "has told",
        "acknowledged": "was heard by",
        "suppressed": "need not tell",
        "undeliverable": "could not reach",
    }
    if what == "without_recipient":
        return f"no address to tell {whom} by {data['channel']}, rule {data['rule']}{why}"
    return f"{words.get(what, what)} {whom} by {data['channel']}, rule {data['rule']}{why}"
