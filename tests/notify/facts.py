"""Short ways to say what the other services said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from schemas.base import Data, Event
from schemas.ids import caused_id
from schemas.pulse.silence import Silence
from schemas.pulse.silence_detected_v1 import SilenceDetected
from schemas.pulse.silence_ended_v1 import SilenceEnded
from schemas.pulse.surge import Surge
from schemas.pulse.surge_detected_v1 import SurgeDetected
from schemas.pulse.surge_ended_v1 import SurgeEnded
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.sla.deadline_warned_v1 import DeadlineWarned
from schemas.sla.escalation_raised_v1 import EscalationRaised
from services.notify.competence import Competence
from services.notify.offices import Agency, Offices

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
TRACKING = "7K3M-9QWD-2F5H"
CASE = UUID("01963c2f-0000-8000-8000-000000000001")
CLOCK = {"clock": "verification", "agency": "35.22", "due_at": "2026-03-05T16:59:59Z"}
SECRET = "whsec_c2FsdXIgc2FsdXIgc2FsdXIgc2FsdXIgc2FsdXI="
SURGE = UUID("01963c2f-0000-8000-8000-0000000000aa")
WINDOW = {"from": "2026-03-02T04:00:00Z", "until": "2026-03-02T05:00:00Z"}
DAYS = {"from": "2026-02-23T03:10:00Z", "until": "2026-03-02T05:00:00Z"}
VERSIONS = {"policy_version": "1", "calendar_version": "1"}

AGENCIES = {
    "ID": Agency("Koordinator Nasional", None, "Asia/Jakarta"),
    "35": Agency("Pemerintah Provinsi Jawa Timur", "ID", "Asia/Jakarta"),
    "35.22": Agency("Pemerintah Kabupaten Bojonegoro", "35", "Asia/Jakarta"),
    "35.22/dinas-perhubungan": Agency("Dinas Perhubungan", "35.22", "Asia/Jakarta"),
    "35.78": Agency("Pemerintah Kota Surabaya", "35", "Asia/Jakarta"),
    "96.71": Agency("Pemerintah Kota Sorong", "96", "Asia/Jayapura"),
}


def offices(*without: str) -> Offices:
    """All agencies with the mailboxes of their coordinators, but for some."""
    addressed = frozenset((code, "coordinator") for code in AGENCIES if code not in without)
    return Offices(AGENCIES, addressed, competence=Competence({("perhubungan", None): "regional/dinas-perhubungan", ("agama", None): "ID"}))


def event(data: Data, at: datetime = NOON, *, id_: str | None = None, sequence: int | None = None) -> Event[Any]:
    if isinstance(data, Surge | Silence):
        unit = str(data.surge_id if isinstance(data, Surge) else data.silence_id)
        id_ = id_ or str(caused_id(unit, data.TYPE, at))
        return Event(id_, "urn:salur:pulse", data.TYPE, at, data, subject=unit, sequence=sequence, correlationid=unit)
    source = "urn:salur:sla" if ".deadline." in data.TYPE or ".escalation." in data.TYPE else "urn:salur:routing"
    case_id = str(data.case_id)  # type: ignore[attr-defined]
    id_ = id_ or str(caused_id(str(uuid4()), "test", at))
    return Event(id_, source, data.TYPE, at, data, subject=case_id, tracking=TRACKING, sequence=sequence, causationid="c", correlationid="o")


def routed(owner: str = "35.22", case_id: UUID = CASE, **facts: Any) -> CaseRouted:
    given = {
        "case_id": case_id,
        "tracking_id": TRACKING,
        "state": "verification",
        "owner": owner,
        "by": "system",
        "level": "regency",
        "triage": False,
        "rule": "r1",
        "rules_version": "1",
        "because": ["."],
        "kind": "complaint",
        "category": "pekerjaan-umum.jalan-berlubang",
        "region": "35.22",
        "channel": "web",
        "accepted_at": NOON,
        "anonymous": False,
        "confidential": False,
        "publisher": "urn:test",
    }
    return CaseRouted.model_validate(given | facts)


def transferred(from_: str, to: str, case_id: UUID = CASE) -> CaseTransferred:
    given = {"case_id": case_id, "tracking_id": TRACKING, "state": "verification", "owner": to, "by": "system"}
    return CaseTransferred.model_validate({**given, "from": from_, "to": to, "hop": 1, "decided_by": None, "reason": "Nama saya Budi"})


def transfer_requested(owner: str, decider: str, to: str | None = None, case_id: UUID = CASE) -> CaseTransferRequested:
    given = {"case_id": case_id, "tracking_id": TRACKING, "state": "transfer_requested", "owner": owner, "by": "system"}
    return CaseTransferRequested.model_validate({**given, "decider": decider, "to": to, "hop": 0, "reason": "Nama saya Budi"})


def verified(case_id: UUID = CASE) -> CaseVerified:
    given = {"case_id": case_id, "tracking_id": TRACKING, "state": "verified", "owner": "35.22", "by": {"agency": "35.22", "role": "liaison"}}
    return CaseVerified.model_validate(given)


def followed_up(text: str | None = None, case_id: UUID = CASE) -> CaseFollowedUp:
    given = {**verified(case_id).model_dump(), "state": "followed_up", "final": True, "followed_up_at": NOON, "text": text}
    return CaseFollowedUp.model_validate(given)


def reclassified(kind: str, case_id: UUID = CASE) -> CaseReclassified:
    given = {**verified(case_id).model_dump(), "kind": kind, "category": "other", "was_kind": "complaint", "was_category": "x"}
    return CaseReclassified.model_validate(given)


def warned(agency: str = "35.22", at: datetime = NOON, case_id: UUID = CASE) -> DeadlineWarned:
    given = {"case_id": case_id, "tracking_id": TRACKING, **CLOCK, **VERSIONS, "agency": agency, "consumed_percent": 75, "fired_at": at}
    return DeadlineWarned.model_validate(given)


def breached(agency: str = "35.22", at: datetime = NOON, case_id: UUID = CASE) -> DeadlineBreached:
    return DeadlineBreached.model_validate({**warned(agency, at, case_id).model_dump(), "consumed_percent": 100})


def escalated(to: str = "35", case_id: UUID = CASE) -> EscalationRaised:
    return EscalationRaised.model_validate({"case_id": case_id, "tracking_id": TRACKING, **CLOCK, "level": 1, "reason": ".", "to": to})


def surge(region: str = "35.22", category: str = "lingkungan-hidup", **facts: Any) -> SurgeDetected:
    given = {"surge_id": SURGE, "category": category, "region": region, "window": WINDOW, "observed": 47, "expected": 1.8}
    return SurgeDetected.model_validate({**given, "chance": 1.4e-48, "rule": "usual", **facts})


def surge_ended(region: str = "35.22", category: str = "lingkungan-hidup", **facts: Any) -> SurgeEnded:
    given = {"surge_id": SURGE, "category": category, "region": region, "window": WINDOW, "observed": 1412, "expected": 21.4}
    peak = {"window": WINDOW, "observed": 96, "expected": 2.1}
    return SurgeEnded.model_validate({**given, "detected_at": NOON, "peak": peak, "reason": "calm", **facts})


def silent(agency: str | None = "35.22/dinas-perhubungan", publisher: str | None = None, **facts: Any) -> SilenceDetected:
    given = {"silence_id": SURGE, "about": "agency" if agency else "publisher", "agency": agency, "publisher": publisher, "window": DAYS}
    return SilenceDetected.model_validate({**given, "observed": 0, "expected": 12, "working_days": 5 if agency else None, **facts})


def heard_again(agency: str | None = "35.22/dinas-perhubungan", publisher: str | None = None, **facts: Any) -> SilenceEnded:
    return SilenceEnded.model_validate({**silent(agency, publisher).model_dump(), "observed": 1, "detected_at": NOON, **facts})


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)
