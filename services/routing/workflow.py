"""THE ONE TABLE: every state of a case and every action on it (contracts §5). The domain runs it, `diagram` draws it. Pure.

To take an action up: its order in `schemas/inbound`, its event in `schemas/routing`, one row here, one deed in `domain`.
Nothing else in the code knows which action is allowed when.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.inbound.action import Action
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import Clock, Role, State


class Standing(StrEnum):
    """What somebody is to a case at this moment."""

    OWNER = "owner"
    DECIDER = "decider"
    """The coordinator one level up, which decides a transfer."""
    REPORTER = "reporter"
    CLOCK = "clock"
    """Nobody: a clock whose end is normal ran out."""


@dataclass(frozen=True, slots=True)
class Who:
    """Those who stand so to the case, in one of these roles; a clock has none."""

    standing: Standing
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action says and leads to; `when` tells the outcomes of one action apart; clocks as in contracts §5."""

    says: type[CaseEvent]
    leads_to: State
    when: str = ""
    starts: tuple[Clock, ...] = ()
    ends: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One action: in which states, by whom, with which outcomes; `after_final`: only once this owner has answered finally."""

    order: type[Action]
    allowed_in: frozenset[State]
    who: tuple[Who, ...]
    outcomes: tuple[Outcome, ...]
    after_final: bool = False

    @property
    def action(self) -> str:
        """The action's name, as in its type `salur.case.<action>.v1`."""
        return self.order.TYPE.split(".")[2]


@dataclass(frozen=True, slots=True)
class StateWords:
    """What people read for a state, and whether the case still needs somebody."""

    label: str
    meaning: str
    is_open: bool


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

START: Final = Outcome(CaseRouted, State.VERIFICATION, starts=(Clock.VERIFICATION,))
"""How a case begins: `complaint.accepted` gives it its first owner."""

_COORDINATOR: Final = frozenset({Role.COORDINATOR})
_ADMINS: Final = frozenset({Role.COORDINATOR, Role.LIAISON})
_ALL: Final = frozenset({Role.COORDINATOR, Role.LIAISON, Role.TECHNICAL_OFFICER})

TABLE: Final = (
    Row(
        CaseVerify,
        allowed_in=frozenset({State.VERIFICATION}),
        who=(Who(Standing.OWNER, _ADMINS),),
        outcomes=(Outcome(CaseVerified, State.VERIFIED, starts=(Clock.FOLLOW_UP,), ends=(Clock.VERIFICATION,)),),
    ),
    Row(
        CaseTransfer,
        allowed_in=frozenset({State.VERIFICATION, State.VERIFIED, State.FOLLOWED_UP, State.REPLIED}),
        who=(Who(Standing.OWNER, _ADMINS),),
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
        who=(Who(Standing.DECIDER, _COORDINATOR),),
        outcomes=(Outcome(CaseTransferred, State.VERIFICATION, starts=(Clock.VERIFICATION,), ends=(Clock.DECISION, Clock.FOLLOW_UP)),),
    ),
    Row(
        CaseFollowUp,
        allowed_in=frozenset({State.VERIFIED, State.FOLLOWED_UP, State.REPLIED}),
        who=(Who(Standing.OWNER, _ALL),),
        outcomes=(Outcome(CaseFollowedUp, State.FOLLOWED_UP, starts=(Clock.REPLY,), ends=(Clock.FOLLOW_UP,)),),
    ),
    Row(
        CaseClose,
        allowed_in=frozenset({State.FOLLOWED_UP}),
        who=(Who(Standing.OWNER, _ADMINS), Who(Standing.REPORTER, frozenset({Role.REPORTER})), Who(Standing.CLOCK)),
        outcomes=(Outcome(CaseClosed, State.CLOSED, ends=(Clock.REPLY,)),),
        after_final=True,
    ),
)

ROWS: Final[Mapping[type[Action], Row]] = {row.order: row for row in TABLE}
"""The same table by the order that asks for the action."""


def may(row: Row, standings: Collection[Standing], role: Role | None) -> bool:
    """Say whether somebody of these standings and this role (a clock: None) has the action at all, whatever the state."""
    return any(who.standing in standings and (role in who.roles or who.standing is Standing.CLOCK) for who in row.who)


def fits(row: Row, state: State, *, answered: bool) -> bool:
    """Say whether the action is allowed in `state`; `answered`: this owner has given a final follow-up."""
    return state in row.allowed_in and (answered or not row.after_final)


def allowed(state: State, standings: Collection[Standing], role: Role | None, *, answered: bool) -> tuple[str, ...]:
    """Return the actions that somebody may take now, in the table's order."""
    return tuple(row.action for row in TABLE if fits(row, state, answered=answered) and may(row, standings, role))


def outcome(row: Row, says: type[CaseEvent]) -> Outcome:
    """Return what follows when the action says this event; raises KeyError when the row knows no such outcome."""
    for candidate in row.outcomes:
        if candidate.says is says:
            return candidate
    raise KeyError(says.TYPE)
