"""What each fact of routing does to the clocks of a case (contracts §5, Clocks): one deed for each type that sla reads. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.common import Actor
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
from schemas.words import Clock, State
from services.sla.clocks import Standing
from services.sla.turn import Turn


def _routed(turn: Turn, data: CaseRouted) -> None:
    turn.start(Clock.VERIFICATION, data.owner, data.accepted_at)
    turn.start(Clock.RESOLUTION, data.owner, data.accepted_at)


def _verified(turn: Turn, data: CaseVerified) -> None:
    turn.end(Clock.VERIFICATION, Standing.MET)
    turn.start(Clock.FOLLOW_UP, data.owner, turn.at)


def _deferred(turn: Turn, data: CaseDeferred) -> None:
    turn.pause()
    turn.start(Clock.COMPLETION, data.owner, turn.at)


def _resumed(turn: Turn, _data: CaseResumed) -> None:
    turn.end(Clock.COMPLETION, Standing.MET)
    turn.resume()


def _transfer_requested(turn: Turn, data: CaseTransferRequested) -> None:
    turn.end(Clock.VERIFICATION, Standing.MET)
    turn.start(Clock.DECISION, data.decider, turn.at)


def _transferred(turn: Turn, data: CaseTransferred) -> None:
    """Let the new owner's verification begin; the sender has met its own when it passed the case on itself."""
    turn.end(Clock.DECISION, Standing.MET)
    turn.end(Clock.VERIFICATION, Standing.MET if data.decided_by is None else Standing.CANCELLED)
    turn.end(Clock.FOLLOW_UP, Standing.CANCELLED)
    turn.run_on(Clock.RESOLUTION, data.to)
    turn.start(Clock.VERIFICATION, data.to, turn.at)


def _followed_up(turn: Turn, data: CaseFollowedUp) -> None:
    turn.end(Clock.FOLLOW_UP, Standing.MET)
    if data.final:
        turn.end(Clock.RESOLUTION, Standing.MET)
    turn.begin_again(Clock.REPLY, data.owner, turn.at)


def _replied(turn: Turn, data: CaseReplied) -> None:
    turn.end(Clock.REPLY, Standing.MET)
    turn.run_on(Clock.RESOLUTION, data.owner)


def _extended(turn: Turn, data: CaseExtended) -> None:
    turn.extend(Clock.RESOLUTION, data.days)


def _reclassified(turn: Turn, data: CaseReclassified) -> None:
    turn.reclassify(data.kind, waiting=data.state == State.WAITING_REPORTER)


def _laid_aside(turn: Turn, data: CaseReferred | CaseArchived) -> None:
    """End the case; an office that says whose it is not has judged it, which is all that verification waits for."""
    turn.close({Clock.VERIFICATION: Standing.MET} if isinstance(data.by, Actor) else {})


def _withdrawn(turn: Turn, _data: CaseWithdrawn) -> None:
    turn.close({})


def _closed(turn: Turn, data: CaseClosed) -> None:
    turn.close({Clock.REPLY: Standing.MET} if data.by == "reporter" else {})


def _reopened(turn: Turn, data: CaseReopened) -> None:
    turn.reopen()
    turn.run_on(Clock.RESOLUTION, data.owner)
    turn.start(Clock.FOLLOW_UP, data.owner, turn.at)


def _nothing(_turn: Turn, _data: CaseEvent) -> None:
    """Nothing is awaited otherwise than before."""


# each deed takes the fact of its own key, which this type cannot say
DEEDS: Final[Mapping[type[CaseEvent], Callable[[Turn, Any], None]]] = {
    CaseRouted: _routed,
    CaseVerified: _verified,
    CaseDeferred: _deferred,
    CaseResumed: _resumed,
    CaseTransferRequested: _transfer_requested,
    CaseTransferred: _transferred,
    CaseHandedDown: _nothing,
    CaseFollowedUp: _followed_up,
    CaseReplied: _replied,
    CaseExtended: _extended,
    CaseReclassified: _reclassified,
    CaseReferred: _laid_aside,
    CaseArchived: _laid_aside,
    CaseWithdrawn: _withdrawn,
    CaseClosed: _closed,
    CaseReopened: _reopened,
    CaseAcknowledged: _nothing,
}
"""All that sla reads of routing, in the order of the workflow."""
