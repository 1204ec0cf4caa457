"""Who must hear of a fact hears of it: one notice, one mail, to the right mailbox. Pure."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import Evidence, Fact

_TOLD_TO: Final[Mapping[str, str]] = {
    "case.routed": "owner",
    "case.transferred": "to",
    "case.transfer_requested": "decider",
    "deadline.warned": "agency",
    "deadline.breached": "agency",
    "escalation.raised": "to",
}
"""Which agency must hear of which fact (contracts §6)."""
_INTENTS: Final = ("notice.queued", "notice.suppressed", "notice.without_recipient")
_ENDS: Final = ("notice.delivered", "notice.undeliverable")


def every_fact_is_told(evidence: Evidence) -> Verdict:
    """Each fact that somebody must hear of has one intended notice for that agency, and no notice has no such fact."""
    intents: dict[str, list[Fact]] = {}
    for fact in evidence.said("notify", *_INTENTS):
        intents.setdefault(fact.data["cause"], []).append(fact)
    facts = [fact for fact in evidence.once if fact.what in _TOLD_TO]
    problems = []
    for fact in facts:
        told = [intent.data["recipient"]["agency"] for intent in intents.get(fact.id, ()) if intent.data["recipient"]["agency"] == _hearer(fact)]
        if len(told) != 1 and not (not told and fact.time > evidence.now):
            problems.append(f"{fact.what} on {fact.case_id}: {len(told)} notices to {_hearer(fact)}")
    known = {fact.id for fact in facts}
    problems += [f"notice {intent.data['notice_id']} without a cause" for cause, told_ in intents.items() if cause not in known for intent in told_]
    kinds = Counter(intent.what.rpartition(".")[2] for found in intents.values() for intent in found)
    told_kinds = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return verdict("everybody who must hear of a fact is told", f"{len(facts)} facts: {told_kinds}", problems)


def every_notice_arrived_once(evidence: Evidence) -> Verdict:
    """Each queued notice was delivered once and lies once in the right mailbox; each mail was intended."""
    queued = {fact.data["notice_id"]: fact for fact in evidence.said("notify", "notice.queued")}
    ends = Counter(fact.data["notice_id"] for fact in evidence.said("notify", *_ENDS))
    delivered = {fact.data["message_id"]: fact for fact in evidence.said("notify", "notice.delivered")}
    mails = Counter(str(mail["message_id"]) for mail in evidence.mails)
    problems = [f"notice {notice} of {fact.case_id} ended {ends[notice]} times" for notice, fact in queued.items() if ends[notice] != 1]
    problems += [f"notice {notice} ended and was not queued" for notice in ends if notice not in queued]
    problems += [f"notice {fact.data['notice_id']} was given up: {fact.data['reason']}" for fact in evidence.said("notify", "notice.undeliverable")]
    problems += [f"mail {message} lies {mails[message]} times in the mailbox" for message in delivered if mails[message] != 1]
    for mail in evidence.mails:
        fact = delivered.get(str(mail["message_id"]))
        if fact is None:
            problems.append(f"mail {mail['id']} to {mail['to']} was never told")
        elif fact.tracking not in mail["subject"] or _mailbox(fact) not in mail["to"]:
            problems.append(f"mail {mail['id']} to {mail['to']}, '{mail['subject']}': meant for {_mailbox(fact)} about {fact.tracking}")
    return verdict("every notice arrived once, in its mailbox", f"{len(queued)} notices, {len(evidence.mails)} mails", problems)


def _hearer(fact: Fact) -> str:
    return str(fact.data[_TOLD_TO[fact.what]])


def _mailbox(fact: Fact) -> str:
    recipient = fact.data["recipient"]
    return mailboxes().get((recipient["agency"], recipient["role"]), "nobody")


@cache
def mailboxes() -> dict[tuple[str, str], str]:
    """Return the mailboxes of all offices, by agency and role."""
    with (Path(__file__).parents[3] / "data" / "mailboxes.csv").open(encoding="utf-8") as file:
        return {(row["agency"], row["role"]): row["mailbox"] for row in csv.DictReader(file)}
