"""Notices and the mails that came of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.system.evidence import Evidence, Fact

TOLD = ("case.routed", "case.transferred", "case.transfer_requested", "deadline.warned", "deadline.breached", "escalation.raised")
"""What somebody hears of by default (contracts §6)."""
ALONE = ("suppressed", "without_recipient")
SENT = ("delivered", "undeliverable")


def notices(evidence: Evidence) -> Iterator[str]:
    """Everything that must be told is; a queued notice has exactly one end, a delivered one its mail."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in evidence.facts:
        if fact.source == "urn:salur:notify":
            found[fact.data["notice_id"]].append(fact)
    arrived = {mail["message_id"] for mail in evidence.mails}
    known = {fact.id for fact in evidence.facts}
    intended: Counter[tuple[Any, ...]] = Counter()
    for notice_id, facts in found.items():
        words = sorted(fact.type.split(".")[2] for fact in facts if fact.type != "salur.notice.acknowledged.v1")
        if not (len(words) == 1 and words[0] in ALONE) and not (len(words) == 2 and "queued" in words and set(words) & set(SENT)):
            yield f"notice {notice_id} is {words}"
        if facts[0].data["cause"] not in known:
            yield f"notice {notice_id} tells of {facts[0].data['cause']}, which nobody said"
        yield from (f"notice {notice_id} is delivered as {fact.data['message_id']}, which is in no mailbox" for fact in _lost(facts, arrived))
        intended[_intent(facts[0])] += 1
    yield from (f"{number} notices for {intent}" for intent, number in intended.items() if number > 1)
    caused = {cause for cause, *_ in intended}
    yield from (f"nobody was told of {fact}" for fact in evidence.of(*TOLD) if fact.id not in caused)


def mails(evidence: Evidence) -> Iterator[str]:
    """Every mail belongs to one notice; its copies are equal and no more than the kills explain."""
    delivered: dict[str, list[Fact]] = defaultdict(list)
    for fact in evidence.of("notice.delivered"):
        delivered[fact.data["message_id"]].append(fact)
    copies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for mail in evidence.mails:
        copies[mail["message_id"]].append(mail)
    for message_id, same in copies.items():
        facts = delivered.get(message_id, [])
        if len(facts) != 1:
            yield f"mail {message_id} ({same[0]['subject']}) belongs to {len(facts)} notices"
        elif facts[0].data["tracking_id"] not in same[0]["subject"]:
            yield f"mail {message_id} does not name {facts[0].data['tracking_id']} in its subject"
        if len({(mail["subject"], *mail["to"], mail["text"], mail["html"]) for mail in same}) != 1:
            yield f"the copies of mail {message_id} differ"
        if len(same) > 1 + evidence.meta.get("kills", 0):
            yield f"mail {message_id} came {len(same)} times"


def _lost(facts: list[Fact], arrived: set[str]) -> Iterator[Fact]:
    return (fact for fact in facts if fact.type == "salur.notice.delivered.v1" and fact.data["message_id"] not in arrived)


def _intent(fact: Fact) -> tuple[Any, ...]:
    data = fact.data
    return data["cause"], data["rule"], data["channel"], data["recipient"]["agency"], data["recipient"]["role"]
