"""Who says what to whom: every type of event with its model, speaker, topic and readers. What is not here is not said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError

from schemas.base import Data
from schemas.envelope import EnvelopeError
from schemas.inbound.case_acknowledge_v1 import CaseAcknowledge
from schemas.inbound.case_archive_v1 import CaseArchive
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_defer_v1 import CaseDefer
from schemas.inbound.case_extend_v1 import CaseExtend
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_hand_down_v1 import CaseHandDown
from schemas.inbound.case_reclassify_v1 import CaseReclassify
from schemas.inbound.case_refer_v1 import CaseRefer
from schemas.inbound.case_reopen_v1 import CaseReopen
from schemas.inbound.case_resume_v1 import CaseResume
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.inbound.complaint_rated_v1 import ComplaintRated
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.inbound.complaint_supplemented_v1 import ComplaintSupplemented
from schemas.inbound.complaint_withdrawn_v1 import ComplaintWithdrawn
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.intake.complaint_rating_accepted_v1 import ComplaintRatingAccepted
from schemas.intake.complaint_supplement_accepted_v1 import ComplaintSupplementAccepted
from schemas.intake.complaint_withdrawal_accepted_v1 import ComplaintWithdrawalAccepted
from schemas.notify.notice_acknowledged_v1 import NoticeAcknowledged
from schemas.notify.notice_delivered_v1 import NoticeDelivered
from schemas.notify.notice_queued_v1 import NoticeQueued
from schemas.notify.notice_suppressed_v1 import NoticeSuppressed
from schemas.notify.notice_undeliverable_v1 import NoticeUndeliverable
from schemas.notify.notice_without_recipient_v1 import NoticeWithoutRecipient
from schemas.problems import problems_of
from schemas.pulse.silence_detected_v1 import SilenceDetected
from schemas.pulse.silence_ended_v1 import SilenceEnded
from schemas.pulse.surge_detected_v1 import SurgeDetected
from schemas.pulse.surge_ended_v1 import SurgeEnded
from schemas.receipt.receipt_v1 import Receipt
from schemas.reference.agency_v1 import AgencyRecord
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from schemas.routing.case_archived_v1 import CaseArchived
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_deferred_v1 import CaseDeferred
from schemas.routing.case_extended_v1 import CaseExtended
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_handed_down_v1 import CaseHandedDown
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.routing.case_referred_v1 import CaseReferred
from schemas.routing.case_reopened_v1 import CaseReopened
from schemas.routing.case_replied_v1 import CaseReplied
from schemas.routing.case_resumed_v1 import CaseResumed
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.routing.case_withdrawn_v1 import CaseWithdrawn
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.sla.deadline_cancelled_v1 import DeadlineCancelled
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.sla.deadline_met_v1 import DeadlineMet
from schemas.sla.deadline_moved_v1 import DeadlineMoved
from schemas.sla.deadline_paused_v1 import DeadlinePaused
from schemas.sla.deadline_resumed_v1 import DeadlineResumed
from schemas.sla.deadline_set_v1 import DeadlineSet
from schemas.sla.deadline_warned_v1 import DeadlineWarned
from schemas.sla.escalation_raised_v1 import EscalationRaised
from schemas.sla.escalation_unaddressed_v1 import EscalationUnaddressed
from schemas.topics import ACTIONS, INTAKE, NOTIFY, PULSE, RECEIPTS, REFERENCE, ROUTING, SLA, SUBMISSIONS, TOPICS

__all__ = ["EVENTS", "TOPICS", "Entry", "Model", "Service", "dataschema", "model_of", "newer_major", "read", "split_version"]

Service = Literal["intake", "routing", "sla", "notify", "pulse"]
Speaker = Service | Literal["publisher", "agency"]
Model = type[Data]
M = TypeVar("M", bound=Data)

_VERSIONED: Final = re.compile(r"(.+)\.v([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One type of event. `speakers` are services, or `publisher` and `agency` for what comes in; `readers` are services only.

    A whistle-blowing case's events are on `salur.restricted` instead of `topic`.
    """

    type: str
    model: Model
    speakers: tuple[Speaker, ...]
    topic: str
    readers: tuple[Service, ...]

    @property
    def inbound(self) -> bool:
        """Whether others send it to Salur."""
        return TOPICS[self.topic].direction == "in"


def _entries(topic: str, speakers: tuple[Speaker, ...], *said: tuple[Model, tuple[Service, ...]]) -> list[Entry]:
    return [Entry(model.TYPE, model, speakers, topic, readers) for model, readers in said]


_CASE_READERS: Final[tuple[Service, ...]] = ("intake", "sla", "notify")

_ALL: Final = (
    *_entries(
        SUBMISSIONS,
        ("publisher",),
        *((said, ("intake",)) for said in (ComplaintSubmitted, ComplaintSupplemented, ComplaintWithdrawn, ComplaintRated)),
    ),
    *_entries(
        ACTIONS,
        ("agency",),
        *((action, ("routing",)) for action in (CaseVerify, CaseDefer, CaseResume, CaseTransfer, CaseDecideTransfer, CaseHandDown, CaseFollowUp)),
        *((action, ("routing",)) for action in (CaseExtend, CaseReclassify, CaseRefer, CaseArchive, CaseClose, CaseReopen, CaseAcknowledge)),
    ),
    *_entries(RECEIPTS, ("intake", "routing"), (Receipt, ("pulse",))),
    *_entries(
        INTAKE,
        ("intake",),
        (ComplaintAccepted, ("routing", "pulse")),
        (ComplaintSupplementAccepted, ("routing",)),
        (ComplaintWithdrawalAccepted, ("routing",)),
        (ComplaintRatingAccepted, ()),
    ),
    *_entries(
        ROUTING,
        ("routing",),
        *((fact, (*_CASE_READERS, "pulse")) for fact in (CaseRouted, CaseDeferred, CaseTransferRequested, CaseTransferred)),
        *((fact, (*_CASE_READERS, "pulse")) for fact in (CaseHandedDown, CaseFollowedUp, CaseReferred, CaseArchived, CaseClosed)),
        *((fact, _CASE_READERS) for fact in (CaseVerified, CaseResumed, CaseReplied, CaseExtended)),
        *((fact, _CASE_READERS) for fact in (CaseReclassified, CaseWithdrawn, CaseReopened, CaseAcknowledged)),
    ),
    *_entries(
        SLA,
        ("sla",),
        *((fact, ("intake",)) for fact in (DeadlineSet, DeadlineMoved, DeadlinePaused, DeadlineResumed, DeadlineMet, DeadlineCancelled)),
        (DeadlineWarned, ("notify",)),
        (DeadlineBreached, ("intake", "notify", "pulse")),
        (DeadlineElapsed, ("intake", "routing")),
        (EscalationRaised, ("notify",)),
        (EscalationUnaddressed, ()),
    ),
    *_entries(
        NOTIFY,
        ("notify",),
        *(
            (notice, ())
            for notice in (NoticeQueued, NoticeDelivered, NoticeSuppressed, NoticeUndeliverable, NoticeAcknowledged, NoticeWithoutRecipient)
        ),
    ),
    *_entries(PULSE, ("pulse",), *((seen, ("notify",)) for seen in (SurgeDetected, SurgeEnded, SilenceDetected, SilenceEnded))),
    *_entries(REFERENCE, ("routing",), (AgencyRecord, ("intake", "sla", "notify"))),
)

EVENTS: Final[Mapping[str, Entry]] = {entry.type: entry for entry in _ALL}
"""Every event by its type."""


def model_of(type: str) -> Model:  # noqa: A002 - CloudEvents' name
    """Return the model of a type; raises KeyError when Salur does not know it."""
    return EVENTS[type].model


def split_version(type: str) -> tuple[str, int] | None:  # noqa: A002 - CloudEvents' name
    """Return the name and major version of a type (`salur.case.verify.v1` is `salur.case.verify`, 1), None when it has none."""
    found = _VERSIONED.fullmatch(type)
    return (found[1], int(found[2])) if found else None


def newer_major(type: str, known: Iterable[str] = EVENTS) -> bool:  # noqa: A002 - CloudEvents' name
    """Return whether the type is a later major version of one of the known types (contracts §3, `unsupported_version`)."""
    found = split_version(type)
    majors = [split[1] for split in map(split_version, known) if found and split and split[0] == found[0]]
    return found is not None and bool(majors) and found[1] > max(majors)


def dataschema(type: str) -> str:  # noqa: A002 - CloudEvents' name
    """Return the `dataschema` of a type: the `$id` of its file in `schemas/published/`."""
    return f"urn:salur:schema:{type}"


def read(model: type[M], data: Any) -> M:
    """Return parsed JSON as its model.

    Raises EnvelopeError `schema_violation`, whose problems point into the event and never quote it.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise EnvelopeError("schema_violation", problems_of(error, data)) from None
