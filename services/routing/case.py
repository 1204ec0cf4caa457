"""A case as routing knows it: whose it is, whose it was, how it stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from schemas.words import Kind, State


class Hop(NamedTuple):
    """One agency's time with a case: from `since` up to but without `until` (None: it still has it), and why it came there."""

    agency: str
    since: datetime
    until: datetime | None = None
    reason: str | None = None


class Facts(NamedTuple):
    """What the accepted complaint said that clocks, notices and rights depend on."""

    kind: Kind
    category: str
    region: str | None
    channel: str
    accepted_at: datetime
    anonymous: bool
    confidential: bool
    publisher: str


@dataclass(frozen=True, slots=True)
class Deferral:
    """The owner waits for the reporter: since which version, on which the completion clock rests, and in which state it was before."""

    before: State
    version: int


@dataclass(frozen=True, slots=True)
class Request:
    """A transfer that waits for `decider`; the holder named `to`, or nobody, and is `agency` in `role`."""

    decider: str
    to: str | None
    reason: str
    agency: str
    role: str


class Case(NamedTuple):
    """A case after `version` of routing's events; `hops` are its holders in order, the last one is the owner.

    A named tuple, like most of its parts: a frozen dataclass sets each field by a call (docs/adr/0015).

    `rule` and `rules_version` tell how it found its first owner, `because` why its present one has it. `decided_by` is the last
    coordinator that decided a transfer: from then on the owner cannot hand it over, only request upward. `answered`: this owner has
    given a final follow-up, and the reporter has not spoken since. `follow_up_version` is the version of its latest follow-up, on
    which the reply clock rests. `restricted`: all that is said of it goes to the restricted topic, for ever once it was
    whistle-blowing. `ended_at` is when it ended, None while it is open.
    """

    case_id: UUID
    tracking_id: str
    state: State
    version: int
    hops: tuple[Hop, ...]
    facts: Facts
    rule: str
    rules_version: str
    because: tuple[str, ...]
    triage: bool = False
    request: Request | None = None
    decided_by: str | None = None
    answered: bool = False
    follow_up_version: int | None = None
    deferral: Deferral | None = None
    restricted: bool = False
    ended_at: datetime | None = None

    @property
    def silent(self) -> bool:
        """Whether no words of the case may travel (product rule 6)."""
        return self.facts.confidential or self.restricted

    @property
    def owner(self) -> str:
        """The code of the one agency that is accountable now, or was when the case ended."""
        return self.hops[-1].agency

    @property
    def transfers(self) -> int:
        """How often the case changed hands."""
        return len(self.hops) - 1

    @property
    def bound(self) -> bool:
        """Whether a coordinator has decided whose it is."""
        return self.decided_by is not None

    def was_held_by(self, agency: str) -> bool:
        """Say whether `agency` has or had the case."""
        return any(hop.agency == agency for hop in self.hops)

    def document(self) -> dict[str, Any]:
        """Return all that `restore` needs beside the case's ids, state and version, as JSON values."""
        facts, request, deferral = self.facts, self.request, self.deferral
        return {
            "hops": [[hop.agency, hop.since.isoformat(), hop.until and hop.until.isoformat(), hop.reason] for hop in self.hops],
            "facts": [
                facts.kind,
                facts.category,
                facts.region,
                facts.channel,
                facts.accepted_at.isoformat(),
                facts.anonymous,
                facts.confidential,
                facts.publisher,
            ],
            "rule": self.rule,
            "rules_version": self.rules_version,
            "because": list(self.because),
            "triage": self.triage,
            "request": request and [request.decider, request.to, request.reason, request.agency, request.role],
            "decided_by": self.decided_by,
            "answered": self.answered,
            "follow_up_version": self.follow_up_version,
            "deferral": deferral and [deferral.before, deferral.version],
            "restricted": self.restricted,
            "ended_at": self.ended_at and self.ended_at.isoformat(),
        }


def restore(case_id: UUID, tracking_id: str, state: str, version: int, document: Mapping[str, Any]) -> Case:
    """Return the case that `document` was made of."""
    kind, category, region, channel, accepted_at, anonymous, confidential, publisher = document["facts"]
    deferral, ended_at = document["deferral"], document["ended_at"]
    moment = datetime.fromisoformat
    return Case(
        case_id=case_id,
        tracking_id=tracking_id,
        state=State(state),
        version=version,
        hops=tuple(Hop(agency, moment(since), until and moment(until), reason) for agency, since, until, reason in document["hops"]),
        facts=Facts(Kind(kind), category, region, channel, moment(accepted_at), anonymous, confidential, publisher),
        rule=document["rule"],
        rules_version=document["rules_version"],
        because=tuple(document["because"]),
        triage=document["triage"],
        request=document["request"] and Request(*document["request"]),
        decided_by=document["decided_by"],
        answered=document["answered"],
        follow_up_version=document["follow_up_version"],
        deferral=deferral and Deferral(State(deferral[0]), deferral[1]),
        restricted=document["restricted"],
        ended_at=ended_at and moment(ended_at),
    )
