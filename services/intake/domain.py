"""What becomes of a submission: a case of its own, with what may travel said of it and everything else put into the vault.

And of what its publisher says of it later: it is said on, and what it means for the case is for routing to decide. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from schemas.base import Answer, Data, Decision, Draw, Event, Problem
from schemas.inbound.aftermath import Aftermath
from schemas.inbound.complaint_rated_v1 import ComplaintRated
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted, Reporter
from schemas.inbound.complaint_supplemented_v1 import ComplaintSupplemented
from schemas.inbound.complaint_withdrawn_v1 import ComplaintWithdrawn
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.intake.complaint_rating_accepted_v1 import ComplaintRatingAccepted
from schemas.intake.complaint_supplement_accepted_v1 import ComplaintSupplementAccepted
from schemas.intake.complaint_withdrawal_accepted_v1 import ComplaintWithdrawalAccepted
from schemas.words import Kind
from services.intake.redaction import redact, redact_name
from services.intake.titles import derive_title

OTHER: Final = "other"
"""The category of what names none, or one that the tree does not have."""
AHEAD: Final = timedelta(hours=24)
"""How far a publisher's clock may be ahead of ours (contracts §4)."""
NO_SUCH_CASE: Final = Answer("rejected", "unknown_case", (Problem("/data", "neither tracking_id nor external_ref names a case of this publisher"),))
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reference:
    """The codes that intake knows, and who every caller is while authentication is off (None: the event's source).

    `public` are the words, folded, that names of offices and topics are made of: in such a name they tell nothing of a reporter.
    """

    categories: frozenset[str]
    regions: frozenset[str]
    public: frozenset[str] = frozenset()
    publisher: str | None = None


def nobody() -> Reporter | None:
    """Return that nothing is known of who filed."""
    return None


@dataclass(frozen=True, slots=True)
class Submission:
    """What intake knows of a case: enough to find it again and to tell its reporter how it stands; nothing of the reporter.

    `reporter` opens the vault to say who filed; only what must be taken out of a supplement asks for it.
    """

    case_id: UUID
    tracking_id: str
    kind: Kind
    category: str
    anonymous: bool
    confidential: bool
    publisher: str
    external_ref: str | None
    accepted_at: datetime
    reporter: Callable[[], Reporter | None] = field(default=nobody, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """What must not travel, in plain bytes of UTF-8 or JSON: it is sealed on its way into its row."""

    case_id: UUID
    text: bytes
    title: bytes | None = None
    reporter: bytes | None = None
    location: bytes | None = None
    attachments: bytes | None = None
    reply_to: bytes | None = None

    @property
    def key(self) -> Hashable:
        """A case has one entry."""
        return "vault", self.case_id


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a reporter added to a case, in plain bytes of UTF-8: it is sealed on its way into its row."""

    case_id: UUID
    source: str
    id: str
    at: datetime
    text: bytes

    @property
    def key(self) -> Hashable:
        """An event is one supplement."""
        return "supplement", self.source, self.id


def decide(state: Submission | None, event: Event[Any], at: datetime, reference: Reference, draw: Draw | None) -> Decision[Submission]:
    """Return a new case for a submission, or why it is none, and what is said of a case later; `draw` gives a new one its two names."""
    match event.data:
        case ComplaintSubmitted() as filed if draw is not None:
            filed_at = filed.submitted_at or event.time
            problem = _time_problem(filed, filed_at, at)
            return Decision(None, answer=problem) if problem else _accept(event, filed, filed_at, at, reference, draw)
        case Aftermath() as later:
            if state is None:
                return Decision(None, wait=True)
            theirs = state.publisher == (reference.publisher or event.source)
            return _say_on(state, event, later, at, reference) if theirs else Decision(state, answer=NO_SUCH_CASE)
    raise TypeError(f"intake takes no {event.type}")


def _say_on(case: Submission, event: Event[Any], later: Aftermath, at: datetime, reference: Reference) -> Decision[Submission]:
    """Return what is said of a case that is ours and its publisher's; whether it comes in time is not for intake to judge."""
    restricted = case.kind is Kind.WHISTLEBLOWING
    named: dict[str, Any] = {"case_id": case.case_id, "tracking_id": case.tracking_id}
    said: Data
    match later:
        case ComplaintSupplemented():
            words = {} if restricted or case.confidential else {"text": redact(later.text, case.reporter(), reference.public)}
            said = ComplaintSupplementAccepted(**named, **words)
            kept = Supplement(case.case_id, event.source, event.id, at, later.text.encode())
            return Decision(case, (said,), (kept,), restricted=restricted)
        case ComplaintWithdrawn():
            said = ComplaintWithdrawalAccepted(**named)
        case ComplaintRated():
            said = ComplaintRatingAccepted(**named, rating=later.rating)
        case _:
            raise TypeError(f"intake takes no {event.type}")
    return Decision(case, (said,), restricted=restricted)


def _time_problem(filed: ComplaintSubmitted, filed_at: datetime, at: datetime) -> Answer | None:
    path = "/data/submitted_at" if filed.submitted_at else "/time"
    if filed_at > at + AHEAD:
        return Answer("rejected", "time_in_future", (Problem(path, "must not lie more than 24 hours in the future"),))
    if filed_at < _EARLIEST:
        return Answer("rejected", "schema_violation", (Problem(path, "must not lie before the year 2000"),))
    return None


def _accept(event: Event[Any], filed: ComplaintSubmitted, filed_at: datetime, at: datetime, reference: Reference, draw: Draw) -> Decision[Submission]:
    category, category_given = _category(filed, reference)
    publisher = reference.publisher or event.source
    restricted = filed.kind is Kind.WHISTLEBLOWING
    accepted = ComplaintAccepted(
        case_id=draw.case_id,
        tracking_id=draw.tracking_id,
        kind=filed.kind,
        category=category,
        category_given=category_given,
        region=nearest_region(filed.region, reference.regions),
        addressed_to=redact_name(filed.addressed_to, filed.reporter, reference.public) if filed.addressed_to else None,
        channel=filed.channel,
        submitted_at=filed_at.astimezone(UTC),
        accepted_at=at,
        anonymous=filed.anonymous,
        confidential=filed.confidential,
        publisher=publisher,
        external_ref=filed.external_ref,
        **({"reply_to": filed.reply_to} if filed.reply_to else {}),
        **({} if restricted or filed.confidential else _words(filed, reference.public)),
    )
    case = Submission(draw.case_id, draw.tracking_id, filed.kind, category, filed.anonymous, filed.confidential, publisher, filed.external_ref, at)
    return Decision(case, (accepted,), (_entry(draw.case_id, filed),), restricted=restricted)


def _words(filed: ComplaintSubmitted, public: frozenset[str]) -> dict[str, Any]:
    """Return title and text as they may travel; a title that was not given is made of the text without what was taken out."""
    text = redact(filed.text, filed.reporter, public)
    given = filed.title.strip() if filed.title else ""
    return {"title": redact(given, filed.reporter, public) if given else derive_title(text), "text": text}


def _category(filed: ComplaintSubmitted, reference: Reference) -> tuple[str, str | None]:
    given = filed.category
    if given in reference.categories:
        return given, given
    return OTHER, redact_name(given, filed.reporter, reference.public) if given else None


def nearest_region(given: str | None, known: frozenset[str]) -> str | None:
    """Return the region itself, the nearest one above it that is known, or None."""
    while given and given not in known:
        given = given.rpartition(".")[0]
    return given or None


def _entry(case_id: UUID, filed: ComplaintSubmitted) -> VaultEntry:
    attachments = b"[%b]" % b",".join(file.model_dump_json(exclude_unset=True).encode() for file in filed.attachments)
    return VaultEntry(
        case_id,
        text=filed.text.encode(),
        title=filed.title.encode() if filed.title else None,
        reporter=filed.reporter.model_dump_json(exclude_none=True).encode() if filed.reporter else None,
        location=filed.location.model_dump_json(exclude_none=True).encode() if filed.location else None,
        attachments=attachments if filed.attachments else None,
        reply_to=filed.reply_to.encode() if filed.reply_to else None,
    )
