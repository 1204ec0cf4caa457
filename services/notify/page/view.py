"""What the template shows of a case: as far as its reader may see it, in words and local time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.link import Link
from services.notify.case import Case
from services.notify.names import Names
from services.notify.offices import Offices
from services.notify.page.form_view import Typed, forms
from services.notify.page.sources import Looked, Part
from services.notify.wording import KINDS, date_words, day_and_hour, distance, moment

LATEST: Final = 6
"""Steps of the history that are shown at once; the others are behind a word."""
_LIVE: Final = frozenset({"running", "paused", "breached"})
_TOLD_OF_CLOCKS: Final = "deadline.breached"
"""What the history tells of clocks; how they stand is shown apart."""
_SOON_PERCENT: Final = 75
"""From here on a deadline counts as near, as it does in the gauges."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, when, in which language, and with which words."""

    link: Link
    now: datetime
    language: str
    words: Mapping[str, Any]
    offices: Offices
    names: Names

    def moment(self, at: Any, agency: str | None = None) -> str | None:
        """Return an instant of an answer in local words, None when there is none."""
        read = _instant(at)
        return None if read is None else moment(read, self.offices.zone(agency or self.link.agency), self.language)

    def office(self, who: Any) -> str:
        """Return who did something, as the tracking view tells it: `system`, `reporter`, `<agency>/<role>`."""
        text = str(who)
        if text in {"system", "reporter"}:
            return str(self.words["ui"][text])
        code, _, role = text.rpartition("/")
        return f"{self.offices.name(code)}, {self.words['roles'].get(role, role)}" if code else self.offices.name(text)


def view(reader: Reader, facts: Case, looked: Looked, *, typed: Typed | None = None) -> dict[str, Any]:
    """Return everything that the page shows."""
    words, case = reader.words, looked.case.told
    owner = case.get("owner") or looked.track.told.get("owner") or facts.owner
    allowed = [str(action) for action in case.get("allowed", [])]
    category = looked.track.told.get("category") or facts.category
    sees = not _closed_to(reader, facts, owner, allowed)
    link = reader.link
    reads = not facts.restricted and (owner == link.agency or looked.content.why is None)
    return {
        "tracking": facts.tracking_id,
        "restricted": facts.restricted,
        "sees": sees,
        "title": looked.content.told.get("title"),
        "state": _state(reader, looked),
        "owner": owner and reader.offices.name(owner),
        "reader": f"{words['roles'].get(link.role, link.role)}, {reader.offices.name(link.agency)}",
        "facts": _facts(reader, facts, looked),
        "missing": {name: _missing(part, name, words, facts) for name, part in _parts(looked)},
        "deadlines": _deadlines(reader, looked.deadlines, owner) if sees else [],
        "content": _content(reader, looked.content),
        "ask": forms(allowed, owner or "", category, reader.offices, reader.names, words, typed) if sees else None,
        "is_owner": owner == link.agency,
        "version": case.get("version", ""),
        "hops": [_hop(reader, hop, reads=reads) for hop in case.get("hops", [])] if sees else [],
        "because": [str(sentence) for sentence in case.get("because", [])] if reads else [],
        "history": _history(reader, looked.track),
        "latest": LATEST,
        "until": date_words(link.until, reader.offices.zone(link.agency), reader.language),
        "as_of": reader.moment(reader.now),
    }


def _closed_to(reader: Reader, facts: Case, owner: str | None, allowed: Iterable[str]) -> bool:
    """Say whether a whistle-blowing case is not the reader's any more: it holds, decides or stands above, or sees nothing of it."""
    agency = reader.link.agency
    return facts.restricted and not list(allowed) and (owner is None or agency not in reader.offices.upward(owner))


def _parts(looked: Looked) -> Iterable[tuple[str, Part]]:
    return ("routing", looked.case), ("sla", looked.deadlines), ("content", looked.content), ("track", looked.track)


def _missing(part: Part, name: str, words: Mapping[str, Any], facts: Case) -> dict[str, Any] | None:
    """Return the sentence that stands for a part, and whether waiting helps; None when the part is there."""
    if part.why is None:
        return None
    if part.why == "away":
        return {"sentence": words["missing"][name], "passes": True}
    hidden = "content_restricted" if name == "content" and facts.restricted else f"{name}_hidden"
    return {"sentence": words["missing"].get(hidden, words["missing"][name]), "passes": False}


def _state(reader: Reader, looked: Looked) -> dict[str, str] | None:
    state = looked.case.told.get("state") or looked.track.told.get("status")
    if state is None:
        return None
    words = reader.words
    name = str(words["states"].get(state, state))
    ends = [step for step in looked.track.told.get("history", []) if step["what"] == f"case.{state}"]
    if state in words["state_by"] and ends:
        who = str(ends[-1]["who"])
        name = words["state_by"][state].replace("%s", words["by"].get(who, words["by"]["office"]))
    return {"name": name, "note": words["state_notes"].get(state, ""), "word": state}


def _facts(reader: Reader, facts: Case, looked: Looked) -> list[tuple[str, str]]:
    """Return label and value of what is known of the case; of a restricted one nothing that hints at its subject."""
    ui, track = reader.words["ui"], looked.track.told
    kind, category = track.get("kind") or facts.kind, track.get("category") or facts.category
    told = [(ui["kind"], KINDS[reader.language].get(kind or "", ""))]
    if not facts.restricted:
        told.append((ui["category"], "" if category in (None, "other") else reader.names.category(category)))
        told.append((ui["region"], reader.names.region(facts.region) if facts.region else ""))
        accepted = next((step["at"] for step in track.get("history", []) if step["what"] == "complaint.accepted"), None)
        told.append((ui["accepted"], reader.moment(accepted) or ""))
    return [(label, value) for label, value in told if value]


def _deadlines(reader: Reader, deadlines: Part, owner: str | None) -> list[dict[str, Any]]:
    """Return the runs of the clocks, what is due first before the others; an agency is named where it is not the owner."""
    runs = sorted(deadlines.told.get("deadlines", []), key=lambda run: datetime.fromisoformat(run["due_at"]))
    return [{**_deadline(reader, run), "agency": "" if run["agency"] == owner else reader.offices.name(run["agency"])} for run in runs]


def _deadline(reader: Reader, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return one run of a clock; it lives until what it waits for has come, also after its breach."""
    words, language = reader.words, reader.language
    due, state = _instant(run["due_at"]), str(run["state"])
    assert due is not None, "a clock has an end"
    live = state in _LIVE and run.get("ended_at") is None
    late = due <= reader.now
    used = max(0, int(run.get("consumed_percent") or 0))
    day, hour = day_and_hour(due, reader.offices.zone(run["agency"]), language)
    apart = distance(reader.now, due, language)
    standing = words["clock_states"].get(state, state)
    if live and state != "paused":
        standing = words["ui"]["late" if late else "left"].replace("%s", apart)
    tone = "late" if live and (late or state == "breached") else "soon" if live and used >= _SOON_PERCENT else "calm"
    return {
        "live": live,
        "clock": words["clocks"].get(run["clock"], run["clock"]),
        "day": day,
        "hour": hour,
        "standing": standing,
        "used": min(used, 100),
        "percent": used,
        "tone": tone if state != "paused" else "calm",
        "because": [str(sentence) for sentence in run.get("because", [])],
    }


def _content(reader: Reader, content: Part) -> dict[str, Any]:
    told = content.told
    place = told.get("location") or {}
    point = f"{place['lat']}, {place['lon']}" if place.get("lat") is not None and place.get("lon") is not None else ""
    return {
        "text": told.get("text") or "",
        "place": [line for line in (place.get("address"), point) if line],
        "attachments": [_attachment(each) for each in told.get("attachments") or []],
        "supplements": [{"at": reader.moment(each.get("at")), "text": each.get("text") or ""} for each in told.get("supplements") or []],
    }


def _attachment(each: Mapping[str, Any]) -> dict[str, str]:
    """Return an attachment; only an address of the web becomes a link."""
    url = str(each.get("url") or "")
    size = each.get("size_bytes")
    details = [str(each.get("media_type") or ""), f"{max(1, round(size / 1024)):,} KiB".replace(",", ".") if isinstance(size, int) else ""]
    return {"url": url if url.lower().startswith(("https://", "http://")) else "", "name": url, "details": ", ".join(filter(None, details))}


def _hop(reader: Reader, hop: Mapping[str, Any], *, reads: bool) -> dict[str, Any]:
    return {
        "agency": reader.offices.name(hop["agency"]),
        "since": reader.moment(hop["from"]),
        "until": reader.moment(hop["until"]),
        "reason": (hop.get("reason") or "") if reads else "",
    }


def _history(reader: Reader, track: Part) -> list[dict[str, str]]:
    words = reader.words["history"]
    steps = [
        {"at": reader.moment(step["at"]) or "", "what": words.get(step["what"], step["what"]), "who": reader.office(step["who"])}
        for step in track.told.get("history", [])
        if not step["what"].startswith("deadline.") or step["what"] == _TOLD_OF_CLOCKS
    ]
    return steps[::-1]


def _instant(at: Any) -> datetime | None:
    if isinstance(at, datetime) or at is None:
        return at
    return datetime.fromisoformat(str(at))
