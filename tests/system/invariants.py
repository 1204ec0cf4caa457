"""What must hold of a run, whatever was killed meanwhile: each check returns its counterexamples. It knows the contract, not the code."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.system.deadlines import deadlines
from tests.system.evidence import INBOUND, PULSE, RECEIPTS, Evidence, Fact, Record, by_case, status
from tests.system.identity import no_identity
from tests.system.letters import mails, notices

Check = Callable[[Evidence], Iterator[str]]


def accepted_once(evidence: Evidence) -> Iterator[str]:
    """What the client holds for taken is exactly one case with one first owner; what it does not know of is one or none."""
    accepted: dict[str, list[Fact]] = defaultdict(list)
    for fact in evidence.of("complaint.accepted"):
        accepted[str(fact.cause)].append(fact)
    routed = Counter(fact.case_id for fact in evidence.of("case.routed"))
    for id_, lines in evidence.attempts.items():
        if lines[0]["what"] != "submit":
            continue
        cases = accepted[id_]
        known, wanted = status(lines), lines[0]["expect"] != "rejected"
        least, most = {"ok": (1, 1), "info": (0, 1), "fail": (0, 0)}[known] if wanted else (0, 0)
        if not least <= len(cases) <= most:
            yield f"submission {id_} ({known}, expected {lines[0]['expect']}) became {len(cases)} cases"
        for case in cases:
            if routed[case.case_id] != 1:
                yield f"case {case.case_id} of submission {id_} has {routed[case.case_id]} case.routed"
        told = {line["case_id"] for line in lines if line.get("case_id")}
        if told - {case.case_id for case in cases}:
            yield f"submission {id_} was answered with {told}, which is not its case"


def no_phantoms(evidence: Evidence) -> Iterator[str]:
    """Nothing is said of a case that nobody handed in."""
    ours = set(evidence.attempts)
    born = {fact.case_id for fact in evidence.of("complaint.accepted", "case.routed") if fact.correlation in ours}
    of_cases = (fact for fact in evidence.facts if fact.record.topic not in (RECEIPTS, PULSE) and "about" not in fact.data)
    for case_id, facts in by_case(of_cases).items():
        if case_id not in born:
            yield f"case {case_id} comes from no submission of the ledger: {facts[0]}"


def actions_once(evidence: Evidence) -> Iterator[str]:
    """An action that was taken is said once, one that was refused not at all, one that nobody knows of at most once."""
    said = Counter(fact.cause for fact in evidence.facts if fact.source == "urn:salur:routing" and fact.record.topic != RECEIPTS)
    receipts = {fact.data["received_id"]: fact.data["outcome"] for fact in evidence.of("receipt") if fact.data["topic"] == "salur.actions"}
    for id_, lines in evidence.attempts.items():
        if lines[0]["what"] != "action":
            continue
        known = status(lines)
        if known == "ok" and lines[0]["door"] == "kafka":
            known = "ok" if receipts.get(id_) in ("accepted", "duplicate") else "fail"
        least, most = {"ok": (1, 1), "info": (0, 1), "fail": (0, 0)}[known]
        if not least <= said[id_] <= most:
            yield f"action {id_} ({known}) was said {said[id_]} times"


def one_owner(evidence: Evidence) -> Iterator[str]:
    """A case has its first owner by its first event, and another one only by a transfer from the owner it has."""
    for case_id, facts in by_case(fact for fact in evidence.facts if fact.type.startswith("salur.case.")).items():
        owner: str | None = None
        for fact in facts:
            if (owner is None) != (fact.type == "salur.case.routed.v1"):
                yield f"case {case_id}: {fact} while its owner is {owner}"
            if fact.type == "salur.case.transferred.v1":
                if fact.data["from"] != owner or fact.data["to"] != fact.data["owner"]:
                    yield f"case {case_id}: {fact} from {fact.data['from']} to {fact.data['to']}, its owner being {owner}"
            elif owner is not None and fact.data["owner"] != owner:
                yield f"case {case_id}: {fact} names {fact.data['owner']}, its owner being {owner}"
            owner = fact.data["owner"]


def receipts(evidence: Evidence) -> Iterator[str]:
    """Each inbound record has one receipt, a parked one a final second; an id is accepted once over all doors."""
    found: dict[tuple[Any, ...], list[Fact]] = defaultdict(list)
    for fact in evidence.of("receipt"):
        found[fact.data["topic"], fact.data["partition"], fact.data["offset"]].append(fact)
    accepted: Counter[tuple[str, str]] = Counter()
    for record in (record for record in evidence.records if record.topic in INBOUND):
        answers = found.pop(record.place, [])
        outcomes = [fact.data["outcome"] for fact in answers]
        if outcomes.count("parked") > 1 or len([outcome for outcome in outcomes if outcome != "parked"]) != 1:
            yield f"record {record.place} has receipts {outcomes}"
        id_, source = _sender(record)
        for fact in answers:
            if id_ is not None and (fact.data["received_id"], fact.data["received_source"]) != (id_, source):
                yield f"record {record.place}: {fact} names {fact.data['received_id']}, not {id_}"
            lines = evidence.attempts.get(str(id_), [])
            wanted = lines[0]["expect"] if lines else None
            if wanted == "rejected" and fact.data["outcome"] != "rejected":
                yield f"record {record.place} must be rejected and is {fact.data['outcome']}"
            accepted[str(source), str(id_)] += fact.data["outcome"] == "accepted"
    for line in evidence.ledger:
        if line.get("outcome") == "accepted" and line["what"] == "submit":
            accepted[line["source"], line["id"]] += 1
    yield from (f"{pair} is accepted {number} times" for pair, number in accepted.items() if number > 1)
    yield from (f"a receipt answers {place}, where nothing is" for place in found)


def sequences(evidence: Evidence) -> Iterator[str]:
    """What a speaker says of a case counts 1…n, in the order of one partition, without a gap."""
    told: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in evidence.facts:
        if fact.record.topic != RECEIPTS:
            told[str(fact.case_id), fact.source].append(fact)
    for (case_id, source), facts in told.items():
        places = {(fact.record.topic, fact.record.partition) for fact in facts}
        numbers = [fact.sequence for fact in facts]
        if len(places) != 1:
            yield f"{source} speaks of case {case_id} in {sorted(places)}"
        elif numbers != list(range(1, len(numbers) + 1)):
            yield f"{source} counts case {case_id} {numbers} in {places.pop()}"


def equal_copies(evidence: Evidence) -> Iterator[str]:
    """A record that is there twice is there twice in the same bytes, and its headers say what its body says."""
    first: dict[tuple[str, str], Record] = {}
    for record in evidence.records:
        if not record.is_said:
            continue
        event = record.event
        seen = first.setdefault((event["source"], event["id"]), record)
        if (seen.topic, seen.key, seen.value, seen.headers) != (record.topic, record.key, record.value, record.headers):
            yield f"{event['id']} differs between {seen.place} and {record.place}"
        headers = dict(record.headers)
        wrong = [name for name in ("id", "source", "type") if headers.get(f"salur_{name}") != event[name].encode()]
        if wrong:
            yield f"record {record.place}: header and body differ in {wrong}"


def _sender(record: Record) -> tuple[str | None, str | None]:
    """Return id and source of an inbound record, (None, None) when there is none to read."""
    headers: Mapping[str, bytes] = {name.lower(): value for name, value in record.headers}
    structured = headers.get("content-type", b"").lower().startswith(b"application/cloudevents")
    if "ce_id" in headers and not structured:
        return headers["ce_id"].decode(), headers.get("ce_source", b"").decode()
    try:
        event = json.loads(record.value or b"")
    except ValueError:
        return None, None
    named = isinstance(event, dict) and isinstance(event.get("id"), str) and isinstance(event.get("source"), str)
    return (event["id"], event["source"]) if named else (None, None)


INVARIANTS: dict[str, Check] = {
    "accepted once": accepted_once,
    "no phantoms": no_phantoms,
    "actions once": actions_once,
    "one owner": one_owner,
    "receipts": receipts,
    "sequences": sequences,
    "equal copies": equal_copies,
    "deadlines": deadlines,
    "notices": notices,
    "mails": mails,
    "no identity": no_identity,
}
