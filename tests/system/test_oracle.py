"""The oracle sees what it is there to see: each mutant of a good run breaks its invariant, and no other."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.system.evidence import Evidence, Record
from tests.system.invariants import INVARIANTS
from tests.system.made_up import STEM, made_up, moment
from tests.system.oracle import judge

Mutate = Callable[[Evidence], None]


def place(evidence: Evidence, type_: str, case_id: str | None = None) -> int:
    """Return where the first record of a type (and case) stands."""
    found = (n for n, record in enumerate(evidence.records) if record.event["type"] == f"salur.{type_}.v1")
    return next(n for n in found if case_id in (None, evidence.records[n].event.get("subject")))


def drop(type_: str, case_id: str | None = None) -> Mutate:
    def mutate(evidence: Evidence) -> None:
        del evidence.records[place(evidence, type_, case_id)]

    return mutate


def change(type_: str, case_id: str | None = None, **data: Any) -> Mutate:
    def mutate(evidence: Evidence) -> None:
        at = place(evidence, type_, case_id)
        record = evidence.records[at]
        event = record.event
        evidence.records[at] = replace(record, value=json.dumps({**event, "data": {**event["data"], **data}}).encode())

    return mutate


def again(evidence: Evidence, at: int, **attributes: Any) -> None:
    """Append a record once more at the end of its topic, with other attributes."""
    record = evidence.records[at]
    event = {**record.event, **attributes}
    headers = tuple((name, event[name.removeprefix("salur_")].encode()) for name, _ in record.headers)
    value = record.value if not attributes else json.dumps(event).encode()
    evidence.records.append(replace(record, offset=record.offset + 1000, value=value, headers=headers))


def copy_with_other_bytes(evidence: Evidence) -> None:
    at = place(evidence, "case.routed")
    again(evidence, at, time=moment(59))


def second_case(evidence: Evidence) -> None:
    at = place(evidence, "complaint.accepted")
    again(evidence, at, id="another", subject="c-9", sequence=1, correlationid="s-1")


def second_accepted(evidence: Evidence) -> None:
    """One submission, two cases, the second told of in full."""
    for type_ in ("complaint.accepted", "case.routed", "deadline.set"):
        again(evidence, place(evidence, type_, "c-1"), id=f"again-{type_}", subject="c-8")
    evidence.records.append(_notice_without_recipient())


def phantom(evidence: Evidence) -> None:
    for type_ in ("complaint.accepted", "case.routed", "deadline.set"):
        again(evidence, place(evidence, type_, "c-1"), id=f"phantom-{type_}", subject="c-7", correlationid="nobody", causationid="nobody")
    evidence.records.append(_notice_without_recipient("phantom-case.routed", "c-7"))


def _notice_without_recipient(cause: str = "again-case.routed", case_id: str = "c-8") -> Record:
    data = {"notice_id": "n-x", "cause": cause, "rule": "new-case", "channel": "mail", "recipient": {"agency": "35.22", "role": "coordinator"}}
    attributes = {"id": "nwr", "source": "urn:salur:notify", "type": "salur.notice.without_recipient.v1"}
    event = {**attributes, "time": moment(50), "subject": case_id, "sequence": 1, "data": data}
    headers = tuple((f"salur_{name}", value.encode()) for name, value in attributes.items())
    return Record("salur.notify", 0, 5000, 0, case_id.encode(), json.dumps(event).encode(), headers)


def swapped_sequences(evidence: Evidence) -> None:
    first, second = place(evidence, "deadline.set", "c-1"), place(evidence, "deadline.met", "c-1")
    one, other = evidence.records[first], evidence.records[second]
    evidence.records[first], evidence.records[second] = replace(one, offset=other.offset), replace(other, offset=one.offset)


def other_partition(evidence: Evidence) -> None:
    at = place(evidence, "deadline.met", "c-1")
    evidence.records[at] = replace(evidence.records[at], partition=2)


def mail_twice_under_another_name(evidence: Evidence) -> None:
    evidence.mails.append({**evidence.mails[0], "message_id": "<other@salur>"})


def mail_twice(evidence: Evidence) -> None:
    evidence.mails.append(dict(evidence.mails[0]))


def mail_lost(evidence: Evidence) -> None:
    del evidence.mails[0]


def receipt_twice(evidence: Evidence) -> None:
    again(evidence, place(evidence, "receipt"), id="second-receipt")


def action_twice(evidence: Evidence) -> None:
    again(evidence, place(evidence, "case.verified"), id="verified-again", sequence=3)


def refused_action_said(evidence: Evidence) -> None:
    at = next(n for n, record in enumerate(evidence.records) if record.event["data"].get("received_id") == "a-1")
    event = evidence.records[at].event
    value = json.dumps({**event, "data": {**event["data"], "outcome": "rejected"}}).encode()
    evidence.records[at] = replace(evidence.records[at], value=value)


def leak(text: str) -> Mutate:
    def mutate(evidence: Evidence) -> None:
        evidence.texts["notify.log"] = text

    return mutate


def leak_in_mail(evidence: Evidence) -> None:
    evidence.mails[0]["html"] = f"<p>{STEM.lower()}</p>"


MUTANTS: dict[str, tuple[Mutate, set[str]]] = {
    "an accepted complaint is lost": (drop("complaint.accepted"), {"accepted once"}),
    "a submission becomes two cases": (second_accepted, {"accepted once"}),
    "a second case has no owner": (second_case, {"accepted once"}),
    "a case comes from nowhere": (phantom, {"no phantoms"}),
    "an action is said twice": (action_twice, {"actions once"}),
    "a refused action is said": (refused_action_said, {"actions once"}),
    "an owner changes without a transfer": (change("case.verified", owner="35.15"), {"one owner"}),
    "a receipt is lost": (drop("receipt"), {"receipts"}),
    "a record has two receipts": (receipt_twice, {"receipts"}),
    "a receipt names another id": (change("receipt", received_id="s-2"), {"receipts"}),
    "a record in the middle is lost": (drop("deadline.warned"), {"sequences", "notices"}),
    "two records of a case change places": (swapped_sequences, {"sequences"}),
    "a case is spread over two partitions": (other_partition, {"sequences"}),
    "a copy has other bytes": (copy_with_other_bytes, {"equal copies"}),
    "a breach fires early": (change("deadline.breached", fired_at=moment(2)), {"deadlines"}),
    "a warning fires before the clock can show its time": (change("deadline.warned", fired_at="2026-03-02T03:00:00Z"), {"deadlines"}),
    "a warning comes before half of the budget": (change("deadline.warned", consumed_percent=20), {"deadlines"}),
    "a deadline moves without a word": (change("deadline.met", due_at="2026-03-03T01:00:00Z"), {"deadlines"}),
    "an owner has no clock": (drop("deadline.set", "c-1"), {"deadlines", "sequences"}),
    "a notice has no end": (drop("notice.delivered", "c-1"), {"notices", "mails"}),
    "a mail is lost": (mail_lost, {"notices"}),
    "a mail comes twice under another name": (mail_twice_under_another_name, {"mails"}),
    "a mail comes twice though nothing was killed": (mail_twice, {"mails"}),
    "a name stands in a log": (leak(f"x{STEM.upper()}17"), {"no identity"}),
    "a name stands in a log in base64": (leak(base64.b64encode(f"a{STEM}".encode()).decode()), {"no identity"}),
    "a name stands in a log in hex": (leak(STEM.encode().hex().upper()), {"no identity"}),
    "a name stands in a log as in a URL": (leak("".join(f"%{byte:02X}" for byte in STEM.encode())), {"no identity"}),
    "a name stands in a mail": (leak_in_mail, {"no identity"}),
}


def test_a_good_run_is_found_good():
    assert {name: found for name, found in judge(made_up()).items() if found} == {}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_breaks_its_invariant_and_no_other(mutant: str):
    mutate, expected = MUTANTS[mutant]
    evidence = made_up()
    mutate(evidence)
    found = judge(evidence)
    assert {name for name, examples in found.items() if examples} == expected, found


def test_every_invariant_has_a_mutant():
    assert set().union(*(expected for _, expected in MUTANTS.values())) == set(INVARIANTS)


def test_an_exact_repetition_of_a_record_is_no_fault():
    evidence = made_up()
    again(evidence, place(evidence, "case.routed"))
    assert not any(judge(evidence).values())


@pytest.mark.parametrize(("op", "lost"), [("info", False), ("ok", True)])
def test_what_the_client_does_not_know_of_may_be_lost_and_what_it_was_told_may_not(op: str, lost: bool):
    evidence = made_up()
    line = {"at": 0, "what": "submit", "id": "s-3", "source": "urn:test", "door": "http", "expect": "accepted"}
    evidence.ledger += [{"op": "invoke", **line}, {"op": op, **line}]
    assert bool(judge(evidence)["accepted once"]) == lost


def test_the_program_reads_a_folder_and_says_by_its_exit_code_whether_all_holds(tmp_path: Path):
    evidence = made_up()
    evidence.save(tmp_path)
    good = subprocess.run([sys.executable, "-m", "tests.system.oracle", tmp_path], capture_output=True, text=True, check=False, timeout=60)
    assert (good.returncode, good.stdout.count("holds")) == (0, len(INVARIANTS)), good.stderr
    mail_lost(evidence)
    evidence.save(tmp_path)
    bad = subprocess.run([sys.executable, "-m", "tests.system.oracle", tmp_path], capture_output=True, text=True, check=False, timeout=60)
    assert bad.returncode == 1
    assert "BROKEN notices (1)" in bad.stdout
    nothing = subprocess.run([sys.executable, "-m", "tests.system.oracle"], capture_output=True, text=True, check=False, timeout=60)
    assert nothing.returncode == 2
