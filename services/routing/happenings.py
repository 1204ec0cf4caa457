"""What becomes of a case without an action: its reporter speaks through intake, or a clock whose end is normal runs out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.base import Data
from schemas.intake.complaint_supplement_accepted_v1 import ComplaintSupplementAccepted
from schemas.routing.case_archived_v1 import CaseArchived
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reopened_v1 import CaseReopened
from schemas.routing.case_replied_v1 import CaseReplied
from schemas.routing.case_resumed_v1 import CaseResumed
from schemas.routing.case_withdrawn_v1 import CaseWithdrawn
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.words import ArchiveReason, Clock
from services.routing.case import Case
from services.routing.change import Done, change, head
from services.routing.deeds import archive, close, reopen, resume
from services.routing.rights import in_time
from services.routing.rules import Reference
from services.routing.workflow import HAPPENINGS, happening


def happen(case: Case, cause: Data, at: datetime, reference: Reference) -> Done | None:
    """Return what becomes of the case, None when nothing does: it is in another state, or has moved on since a clock was set."""
    clock = cause.clock if isinstance(cause, DeadlineElapsed) else None
    row = happening(type(cause), clock, case.state, answered=case.answered, in_time=in_time(case, at, reference))
    if row is None or (isinstance(cause, DeadlineElapsed) and cause.basis != _basis(case, row.clock)):
        return None
    return HAPPENED[row.outcome.says](case, cause, at)


def _basis(case: Case, clock: Clock | None) -> int | None:
    """Return the version on which the case's present run of a clock rests."""
    if clock is Clock.REPLY:
        return case.follow_up_version
    return None if case.deferral is None else case.deferral.version


def _reply(case: Case, cause: ComplaintSupplementAccepted, at: datetime) -> Done:
    # what was final until now has been answered: the owner must speak again before the case can end
    changed = change(case, CaseReplied, at, answered=False)
    said = head(changed, "reporter")
    return changed, CaseReplied(**said) if case.silent or cause.text is None else CaseReplied(**said, text=cause.text)


def _withdraw(case: Case, _cause: Data, at: datetime) -> Done:
    changed = change(case, CaseWithdrawn, at)
    return changed, CaseWithdrawn(**head(changed, "reporter"))


# each takes the cause of its own row, which this type cannot say
HAPPENED: Final[Mapping[type[CaseEvent], Callable[[Case, Any, datetime], Done]]] = {
    CaseResumed: lambda case, _cause, at: resume(case, "reporter", at),
    CaseReplied: _reply,
    CaseReopened: lambda case, _cause, at: reopen(case, "reporter", at),
    CaseWithdrawn: _withdraw,
    CaseArchived: lambda case, _cause, at: archive(case, "system", at, ArchiveReason.EXPIRED),
    CaseClosed: lambda case, _cause, at: close(case, "system", at),
}
"""What to do for each of the table's happenings, by what is said of it."""

CAUSES: Final = frozenset(row.cause for row in HAPPENINGS)
"""The facts of others that may change a case."""
