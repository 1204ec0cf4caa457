"""THE ONE TABLE: every state of a case, every action on it and all that happens to it (contracts §5). Pure.

The domain runs it, `diagram` draws it. To take an action up: its order in `schemas/inbound`, its event in `schemas/routing`, one
row here, one deed in `deeds`. Nothing else in the code knows which action is allowed when.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from schemas.base import Data
from schemas.inbound.action import Action
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
from schemas.intake.complaint_supplement_accepted_v1 import ComplaintSupplementAccepted
from schemas.intake.complaint_withdrawal_accepted_v1 import ComplaintWithdrawalAccepted
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from schemas.routing.case_archived_v1 import CaseArchived
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_deferred_v1 import CaseDeferred
from schemas.routing.case_event import CaseEvent
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
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.words import Clock, Role, State
from services.routing.shape import Back, Happening, Outcome, Row, Standing, StateWords, Who

STATES: Final[Mapping[State, StateWords]] = {
    State.ACCEPTED: StateWords("Belum Terverifikasi", "not yet routed; tracking view only", is_open=True),
    State.VERIFICATION: StateWords("Belum Terverifikasi", "has an owner that must verify; in triage a coordinator", is_open=True),
    State.WAITING_REPORTER: StateWords("Menunggu Kelengkapan Informasi", "the owner asked for more", is_open=True),
    State.TRANSFER_REQUESTED: StateWords("Belum Terverifikasi", "a coordinator must decide whose it is", is_open=True),
    State.VERIFIED: StateWords("Terverifikasi", "the owner took it; an answer is awaited", is_open=True),
    State.FOLLOWED_UP: StateWords("Ditindaklanjuti oleh Instansi", "answered; the reporter may reply", is_open=True),
    State.REPLIED: StateWords("Ditanggapi oleh Pelapor", "the reporter replied", is_open=True),
    State.CLOSED: StateWords("Ditutup", "over; by the system, an admin or the reporter", is_open=False),
    State.ARCHIVED: StateWords("Diarsipkan", "laid aside; by the system, an admin or the reporter", is_open=False),
    State.REFERRED: StateWords("Diteruskan", "in the hands of somebody outside", is_open=False),
    State.MERGED: StateWords("Digabungkan", "goes on as part of another case", is_open=False),
    State.WITHDRAWN: StateWords("Diarsipkan oleh Pelapor", "taken back by the reporter", is_open=False),
    State.BLOCKED: StateWords("Konten Terblokir", "its content may not be shown", is_open=False),
}

FIRST: Final = State.VERIFICATION
"""The state in which every case begins."""

START: Final = Outcome(CaseRouted, FIRST, starts=(Clock.VERIFICATION, Clock.RESOLUTION))
"""How a case begins: `complaint.accepted` gives it its first owner."""

_COORDINATOR: Final = frozenset({Role.COORDINATOR})
_OWNERS_COORDINATOR: Final = Who(Standing.OWNER, _COORDINATOR)
_OWNERS_ADMINS: Final = Who(Standing.OWNER, frozenset({Role.COORDINATOR, Role.LIAISON}))
_OWNERS_ALL: Final = Who(Standing.OWNER, frozenset({Role.COORDINATOR, Role.LIAISON, Role.TECHNICAL_OFFICER}))
_DECIDER: Final = Who(Standing.DECIDER, _COORDINATOR)
_REPORTER: Final = Who(Standing.REPORTER, frozenset({Role.REPORTER}))
_REPORTER_IN_TIME: Final = Who(Standing.REPORTER, frozenset({Role.REPORTER}), in_time=True)

_OPEN: Final = frozenset(state for state, words in STATES.items() if words.is_open) - {State.ACCEPTED}
"""Every open state that routing knows: an accepted complaint has none before its owner is found."""
_UNTIL_ANSWERED: Final = frozenset({State.VERIFICATION, State.VERIFIED})
_IN_WORK: Final = frozenset({State.VERIFIED, State.FOLLOWED_UP, State.REPLIED})
_REOPENABLE: Final = frozenset({State.CLOSED, State.ARCHIVED})

_PAUSED: Final = (Clock.FOLLOW_UP, Clock.RESOLUTION)
_ALL_CLOCKS: Final = tuple(Clock)
_RESUMED: Final = Outcome(CaseResumed, Back.BEFORE, ends=(Clock.COMPLETION,), resumes=_PAUSED)
_ARCHIVED: Final = Outcome(CaseArchived, State.ARCHIVED, ends=(Clock.VERIFICATION, Clock.FOLLOW_UP, Clock.RESOLUTION, Clock.COMPLETION))
_CLOSED: Final = Outcome(CaseClosed, State.CLOSED, ends=(Clock.REPLY, Clock.RESOLUTION))
_REOPENED: Final = Outcome(CaseReopened, State.VERIFIED, starts=(Clock.FOLLOW_UP,))

TABLE: Final = (
    Row(
        CaseVerify,
        allowed_in=frozenset({State.VERIFICATION}),
        who=(_OWNERS_ADMINS,),
        outcomes=(Outcome(CaseVerified, State.VERIFIED, starts=(Clock.FOLLOW_UP,), ends=(Clock.VERIFICATION,)),),
    ),
    Row(
        CaseDefer,
        allowed_in=_UNTIL_ANSWERED,
        who=(_OWNERS_ADMINS,),
        outcomes=(Outcome(CaseDeferred, State.WAITING_REPORTER, starts=(Clock.COMPLETION,), pauses=_PAUSED),),
    ),
    Row(CaseResume, allowed_in=frozenset({State.WAITING_REPORTER}), who=(_OWNERS_ADMINS,), outcomes=(_RESUMED,)),
    Row(
        CaseTransfer,
        allowed_in=frozenset({State.VERIFICATION, State.VERIFIED, State.FOLLOWED_UP, State.REPLIED}),
        who=(_OWNERS_ADMINS,),
        outcomes=(
            Outcome(
                CaseTransferred,
                State.VERIFICATION,
                when="to an agency that has not held it",
                starts=(Clock.VERIFICATION,),
                ends=(Clock.VERIFICATION, Clock.FOLLOW_UP),
            ),
            Outcome(
                CaseTransferRequested,
                State.TRANSFER_REQUESTED,
                when="without a target, to one that has held it, after a decision, or at the hop limit",
                starts=(Clock.DECISION,),
                ends=(Clock.VERIFICATION,),
            ),
        ),
    ),
    Row(
        CaseDecideTransfer,
        allowed_in=frozenset({State.TRANSFER_REQUESTED}),
        who=(_DECIDER,),
        outcomes=(Outcome(CaseTransferred, State.VERIFICATION, starts=(Clock.VERIFICATION,), ends=(Clock.DECISION, Clock.FOLLOW_UP)),),
    ),
    Row(CaseHandDown, allowed_in=_IN_WORK, who=(_OWNERS_ADMINS,), outcomes=(Outcome(CaseHandedDown, Back.SAME),)),
    Row(
        CaseFollowUp,
        allowed_in=_IN_WORK,
        who=(_OWNERS_ALL,),
        outcomes=(Outcome(CaseFollowedUp, State.FOLLOWED_UP, starts=(Clock.REPLY,), ends=(Clock.FOLLOW_UP, Clock.RESOLUTION)),),
    ),
    Row(CaseExtend, frozenset({State.VERIFIED, State.REPLIED}), (_OWNERS_COORDINATOR,), (Outcome(CaseExtended, Back.SAME),)),
    Row(CaseReclassify, allowed_in=_OPEN, who=(_OWNERS_COORDINATOR,), outcomes=(Outcome(CaseReclassified, Back.SAME),)),
    Row(
        CaseRefer,
        allowed_in=_UNTIL_ANSWERED,
        who=(_OWNERS_COORDINATOR,),
        outcomes=(Outcome(CaseReferred, State.REFERRED, ends=(Clock.VERIFICATION, Clock.FOLLOW_UP, Clock.RESOLUTION)),),
    ),
    Row(CaseArchive, frozenset({State.VERIFICATION, State.WAITING_REPORTER}), (_OWNERS_COORDINATOR,), (_ARCHIVED,)),
    Row(CaseClose, frozenset({State.FOLLOWED_UP}), (_OWNERS_ADMINS, _REPORTER), (_CLOSED,), after_final=True),
    Row(CaseReopen, allowed_in=_REOPENABLE, who=(_OWNERS_COORDINATOR, _REPORTER_IN_TIME), outcomes=(_REOPENED,)),
    Row(CaseAcknowledge, allowed_in=_OPEN, who=(_OWNERS_ALL,), outcomes=(Outcome(CaseAcknowledged, Back.SAME),)),
)

HAPPENINGS: Final = (
    Happening(ComplaintSupplementAccepted, frozenset({State.WAITING_REPORTER}), _RESUMED),
    Happening(ComplaintSupplementAccepted, frozenset({State.FOLLOWED_UP}), Outcome(CaseReplied, State.REPLIED, ends=(Clock.REPLY,))),
    Happening(ComplaintSupplementAccepted, _REOPENABLE, _REOPENED, in_time=True),
    Happening(ComplaintWithdrawalAccepted, _OPEN, Outcome(CaseWithdrawn, State.WITHDRAWN, ends=_ALL_CLOCKS)),
    Happening(DeadlineElapsed, frozenset({State.WAITING_REPORTER}), _ARCHIVED, clock=Clock.COMPLETION),
    Happening(DeadlineElapsed, frozenset({State.FOLLOWED_UP}), _CLOSED, clock=Clock.REPLY, after_final=True),
)
"""The rows of the table that nobody asks for."""

ROWS: Final[Mapping[type[Action], Row]] = {row.order: row for row in TABLE}
"""The actions by the order that asks for them."""

LEADS_TO: Final[Mapping[type[CaseEvent], State | Back]] = {
    **{outcome.says: outcome.leads_to for row in TABLE for outcome in row.outcomes},
    **{row.outcome.says: row.outcome.leads_to for row in HAPPENINGS},
}
"""Where a case is after what is said of it, whoever brought it about."""


def may(row: Row, standings: Collection[Standing], role: Role) -> bool:
    """Say whether somebody of these standings and this role has the action at all, whatever the state."""
    return any(who.standing in standings and role in who.roles for who in row.who)


def fits(row: Row, state: State, standings: Collection[Standing], role: Role, *, answered: bool, in_time: bool) -> bool:
    """Say whether the action is allowed to somebody who has it, as the case stands.

    `answered`: this owner has given a final follow-up; `in_time`: the reopening time is not over.
    """
    now = any(who.standing in standings and role in who.roles and (in_time or not who.in_time) for who in row.who)
    return now and state in row.allowed_in and (answered or not row.after_final)


def happening(cause: type[Data], clock: Clock | str | None, state: State, *, answered: bool, in_time: bool) -> Happening | None:
    """Return what becomes of a case in `state` by `cause` (of a clock: by this one), None when nothing does."""
    for row in HAPPENINGS:
        if row.cause is cause and row.clock == clock and state in row.happens_in:
            return row if (answered or not row.after_final) and (in_time or not row.in_time) else None
    return None
