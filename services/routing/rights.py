"""Who may do what to a case at a moment, by the workflow's table, and why somebody may not. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.base import Problem
from schemas.ids import read_tracking_id
from schemas.inbound.action import ActingPerson, Action
from schemas.words import Code, Role
from services.routing.case import Case
from services.routing.change import Refused
from services.routing.directory import NATIONAL, Directory
from services.routing.rules import Reference
from services.routing.shape import Standing
from services.routing.transfers import decider_of
from services.routing.workflow import ROWS, TABLE, fits, may


def allowed_to(case: Case, by: ActingPerson, at: datetime, reference: Reference) -> tuple[str, ...]:
    """Return the actions that `by` may take on the case at `at`, in the table's order."""
    standings, timely = _standings(case, by, reference.directory), in_time(case, at, reference)
    return tuple(row.action for row in TABLE if fits(row, case.state, standings, by.role, answered=case.answered, in_time=timely))


def refusal(case: Case, order: Action, at: datetime, reference: Reference) -> Refused | None:
    """Return why an order cannot be taken, None when it can: its case, then the role, the state, the version."""
    if order.tracking_id not in (None, case.tracking_id) and read_tracking_id(order.tracking_id or "") != case.tracking_id:
        return Refused(Code.UNKNOWN_CASE, Problem("/data/tracking_id", "is not that of the case"))
    row, by = ROWS[type(order)], order.by
    standings = _standings(case, by, reference.directory)
    if not may(row, standings, by.role):
        return Refused(Code.FORBIDDEN_ROLE, Problem("/data/by", f"this office may not {row.action} this case now"))
    if not fits(row, case.state, standings, by.role, answered=case.answered, in_time=in_time(case, at, reference)):
        after = ", and only after a final follow-up" if row.after_final else ""
        after += f", and to the reporter for {reference.reopen_days} working days" if any(who.in_time for who in row.who) else ""
        states = ", ".join(sorted(row.allowed_in))
        return Refused(Code.ILLEGAL_ACTION, Problem("", f"{row.action} is allowed in {states}{after}; the case is {case.state}"))
    if order.expected_version is not None and order.expected_version != case.version:
        return Refused(Code.STALE_VERSION, Problem("/data/expected_version", f"the case has moved on to version {case.version}"))
    return None


def in_time(case: Case, at: datetime, reference: Reference) -> bool:
    """Say whether the case is over and its reporter may still reopen it: to the end of the last working day in its owner's zone."""
    if case.ended_at is None:
        return False
    agency = reference.directory.get(case.owner) or reference.directory.agencies[NATIONAL]
    zone = ZoneInfo(agency.zone)
    last = reference.workdays.after(case.ended_at.astimezone(zone).date(), reference.reopen_days)
    return at.astimezone(zone).date() <= last


def _standings(case: Case, by: ActingPerson, directory: Directory) -> frozenset[Standing]:
    """Return what `by` is to the case; one agency may be owner and decider, as the national coordinator is of its own."""
    if by.role is Role.REPORTER:
        return frozenset({Standing.REPORTER})
    decider = decider_of(case, directory).code if case.request is None else case.request.decider
    agencies = {Standing.OWNER: case.owner, Standing.DECIDER: decider}
    return frozenset(standing for standing, agency in agencies.items() if agency == by.agency)
