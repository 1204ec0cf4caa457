"""Who must hear of a fact hears of it: one notice, one mail or webhook, at the right place. Pure."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import WEBHOOKS, Evidence, Fact, hook_path
from schemas.topics import RESTRICTED

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
_TRACKING: Final = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
OK: Final = 200


def every_fact_is_told(evidence: Evidence) -> Verdict:
    """Each fact that somebody must hear of has one intended notice for that agency by mail, one by webhook where it has one.

    A publisher that asked for it is told each fact of routing. No notice has no such fact. Of a surge its regency hears, and nobody twice.
    """
    wanted = _wanted(evidence)
    found: dict[tuple[str, str], Counter[str]] = {}
    intents = evidence.said("notify", *_INTENTS)
    for intent in (intent for intent in intents if "about" not in intent.data):
        found.setdefault((intent.data["cause"], intent.data["channel"]), Counter())[intent.data["recipient"]["agency"]] += 1
    times = {fact.id: fact for fact in evidence.once}
    problems = list(_unusual(evidence, [intent for intent in intents if "about" in intent.data]))
    for place in sorted(wanted.keys() | found.keys()):
        want, told = wanted.get(place, Counter()), found.get(place, Counter())
        fact = times.get(place[0])
        if want != told and not (fact is not None and fact.time > evidence.now and not told):
            problems.append(
                f"{fact.what if fact else 'nothing'} on {fact.case_id if fact else place[0]}: {place[1]} to {dict(told)}, must be {dict(want)}"
            )
    kinds = Counter(f"{intent.what.rpartition('.')[2]} by {intent.data['channel']}" for intent in intents)
    told_kinds = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return verdict("everybody who must hear of a fact is told", told_kinds, problems)


def every_notice_arrived_once(evidence: Evidence) -> Verdict:
    """Each queued notice was delivered once, and lies once in the right mailbox or came once to the right webhook; each was intended."""
    queued = {fact.data["notice_id"]: fact for fact in evidence.said("notify", "notice.queued")}
    ends = Counter(fact.data["notice_id"] for fact in evidence.said("notify", *_ENDS))
    delivered = {fact.data["message_id"]: fact for fact in evidence.said("notify", "notice.delivered")}
    problems = [f"notice {notice} of {fact.case_id} ended {ends[notice]} times" for notice, fact in queued.items() if ends[notice] != 1]
    problems += [f"notice {notice} ended and was not queued" for notice in ends if notice not in queued]
    problems += [f"notice {fact.data['notice_id']} was given up: {fact.data['reason']}" for fact in evidence.said("notify", "notice.undeliverable")]
    arrived = Counter(str(mail["message_id"]) for mail in evidence.mails) + Counter(hook["webhook_id"] for hook in evidence.hooks)
    problems += [f"{fact.data['channel']} {message} arrived {arrived[message]} times" for message, fact in delivered.items() if arrived[message] != 1]
    for mail in evidence.mails:
        fact = delivered.get(str(mail["message_id"]))
        if fact is None:
            problems.append(f"mail {mail['id']} to {mail['to']} was never told")
        elif fact.tracking not in mail["subject"] or _mailbox(fact) not in mail["to"]:
            problems.append(f"mail {mail['id']} to {mail['to']}, '{mail['subject']}': meant for {_mailbox(fact)} about {fact.tracking}")
    return verdict(
        "every notice arrived once, where it should", f"{len(queued)} notices, {len(evidence.mails)} mails, {len(evidence.hooks)} webhooks", problems
    )


def webhooks_are_signed_and_in_order(evidence: Evidence) -> Verdict:
    """Each webhook verified, came to its receiver with the event that caused it, and a publisher's came in the order of the case."""
    notices = {fact.data["notice_id"]: fact for fact in evidence.said("notify", "notice.queued")}
    events = {fact.id: fact for fact in evidence.once}
    paths = _reply_paths(evidence)
    problems, order = [], dict[str, list[int]]()
    for hook in evidence.hooks:
        notice = notices.get(hook["webhook_id"])
        if not hook["verified"]:
            problems.append(f"webhook {hook['webhook_id']} at {hook['path']} does not verify")
        if notice is None:
            problems.append(f"webhook {hook['webhook_id']} at {hook['path']} is no notice")
            continue
        recipient, body = notice.data["recipient"], hook["body"]
        path = paths.get(notice.case_id) if recipient["role"] == "publisher" else hook_path(recipient["agency"])
        fact = events.get(notice.data["cause"])
        if hook["path"] != path or fact is None or (body.get("id"), body.get("sequence")) != (fact.id, fact.sequence):
            problems.append(f"webhook {hook['webhook_id']} at {hook['path']} bears {body.get('type')}, meant for {path}")
        elif recipient["role"] == "publisher":
            order.setdefault(notice.case_id, []).append(fact.sequence)
    for case, sequences in order.items():
        if sequences != list(range(1, len(sequences) + 1)):
            problems.append(f"the publisher of {case} was told {sequences}")
    statuses = sum(map(len, order.values()))
    return verdict(
        "webhooks are signed, and tell a case in order", f"{len(evidence.hooks)} verified, {statuses} to publishers of {len(order)} cases", problems
    )


def links_open_their_case(evidence: Evidence) -> Verdict:
    """The link of a mail opens a page that names the mail's case."""
    subjects = {str(mail["id"]): mail["subject"] for mail in evidence.mails}
    problems = []
    for number, (status, page) in evidence.pages.items():
        tracking = next((word for word in _TRACKING.findall(subjects.get(number, "")) if word in page), None)
        if status != OK or tracking is None:
            problems.append(f"the link of mail {number} answers {status}" + ("" if tracking else " and does not name its case"))
    return verdict("links in mails open their case", f"{len(evidence.pages)} opened", problems)


def _wanted(evidence: Evidence) -> dict[tuple[str, str], Counter[str]]:
    """Return who must be told of each fact, by its id and the channel."""
    wanted: dict[tuple[str, str], Counter[str]] = {}
    publishers = {fact.case_id: str(fact.data["publisher"]) for fact in evidence.said("routing", "case.routed") if fact.data.get("reply_to")}
    for fact in evidence.once:
        if fact.what in _TOLD_TO:
            hearer = str(fact.data[_TOLD_TO[fact.what]])
            wanted.setdefault((fact.id, "mail"), Counter())[hearer] += 1
            if hearer in WEBHOOKS and not _restricted(evidence, fact):
                wanted.setdefault((fact.id, "webhook"), Counter())[hearer] += 1
        if fact.speaker == "routing" and fact.sequence and fact.case_id in publishers:
            wanted.setdefault((fact.id, "webhook"), Counter())[publishers[fact.case_id]] += 1
    return wanted


def _unusual(evidence: Evidence, intents: list[Fact]) -> Iterator[str]:
    """Yield what is wrong with the notices about surges and silences, which are about no case."""
    said = {fact.id: fact for fact in evidence.said("pulse")}
    told = Counter((intent.data["cause"], intent.data["channel"], *intent.data["recipient"].values()) for intent in intents)
    yield from (f"{who} of {cause}: told {times} times by {channel}" for (cause, channel, *who), times in told.items() if times > 1)
    yield from (f"a notice about {cause}, which pulse did not say" for cause, *_ in told if cause not in said)
    for fact in evidence.said("pulse", "surge.detected"):
        regency = ".".join(str(fact.data["region"]).split(".")[:2])
        if (fact.id, "mail", regency, "coordinator") not in told and fact.time <= evidence.now:
            yield f"surge of {fact.data['category']} in {fact.data['region']}: {regency} was not told"


def _restricted(evidence: Evidence, fact: Fact) -> bool:
    """Whether a fact is a whistle-blower's; of one that became so only then, either is right, and what was done is taken."""
    if fact.case_id in evidence.turned:
        hooked = {
            (intent.data["cause"], intent.data["channel"]) for intent in evidence.by_case("notify").get(fact.case_id, ()) if intent.what in _INTENTS
        }
        return (fact.id, "webhook") not in hooked
    return fact.topic == RESTRICTED


def _reply_paths(evidence: Evidence) -> dict[str, str]:
    """Return where each case's publisher is told, by the case's id."""
    asked = {
        str(sending.data["external_ref"]): urlsplit(sending.data["reply_to"]).path for sending in evidence.week.sendings if "reply_to" in sending.data
    }
    return {case: path for reference, path in asked.items() for case in evidence.cases_of.get(reference, ())}


def _mailbox(fact: Fact) -> str:
    recipient = fact.data["recipient"]
    return mailboxes().get((recipient["agency"], recipient["role"]), "nobody")


@cache
def mailboxes() -> dict[tuple[str, str], str]:
    """Return the mailboxes of all offices, by agency and role."""
    with (Path(__file__).parents[3] / "data" / "mailboxes.csv").open(encoding="utf-8") as file:
        return {(row["agency"], row["role"]): row["mailbox"] for row in csv.DictReader(file)}
