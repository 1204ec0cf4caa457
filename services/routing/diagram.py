"""Draws the workflow's one table as a page: `python -m services.routing.diagram > docs/workflow.md`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import Final

from schemas.intake.complaint_withdrawal_accepted_v1 import ComplaintWithdrawalAccepted
from schemas.words import Clock, State
from services.routing.shape import Back, Happening, Outcome, Row, Standing, Who
from services.routing.workflow import FIRST, HAPPENINGS, START, STATES, TABLE

_NOTES: Final = """
- *same*: the state does not change; *before*: the state in which the case was deferred.
- `resolution` ends with a final follow-up; an interim one leaves it running. `verification` does not pause.
- A reporter's supplement in any other state changes nothing: its words are with the complaint, where the owner reads them. So does
  a withdrawal of a case that is over, and a clock that rests on something the case has left behind.
- A case is open in the states that the first table says; whatever else is said of it comes from these rows alone.
"""
_WHO: Final = {Standing.OWNER: " of the owner", Standing.DECIDER: " of the level above"}


def page() -> str:
    """Return the states, the actions and the ways between them as Markdown with a Mermaid diagram."""
    return "\n".join((*_head(), *_states(), *_actions(), *_happenings(), *_ways()))


def _head() -> Iterator[str]:
    yield "# States of a case, actions on it, and what happens to it"
    yield ""
    yield "Generated from `services/routing/workflow.py` by `python -m services.routing.diagram`; never edited."
    yield ""


def _states() -> Iterator[str]:
    yield "| state | shown to people as | open | meaning |"
    yield "|---|---|---|---|"
    for state, words in STATES.items():
        yield f"| `{state}` | {words.label} | {'yes' if words.is_open else 'no'} | {words.meaning} |"
    yield ""


def _actions() -> Iterator[str]:
    yield "## Actions"
    yield ""
    yield "| action | allowed in | who | says | leads to | clocks |"
    yield "|---|---|---|---|---|---|"
    for row in TABLE:
        for outcome in row.outcomes:
            when = f" ({outcome.when})" if outcome.when else ""
            yield f"| `{row.action}`{when} | {_named(row)} | {'; '.join(map(_who, row.who))} | {_outcome_cells(outcome)} |"
    yield ""


def _happenings() -> Iterator[str]:
    yield "## What happens without an action"
    yield ""
    yield "| what | in | who | says | leads to | clocks |"
    yield "|---|---|---|---|---|---|"
    yield f"| complaint accepted | `{State.ACCEPTED}` | Salur | {_outcome_cells(START)} |"
    for row in HAPPENINGS:
        by = "the reporter" if row.clock is None else "Salur"
        late = ", within the reopening time" if row.in_time else ""
        yield f"| {_what(row)} | {_named(row)}{late} | {by} | {_outcome_cells(row.outcome)} |"
    yield _NOTES


def _ways() -> Iterator[str]:
    """Draw every way that leads to another state."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {FIRST}: complaint accepted"
    for row in TABLE:
        for outcome in row.outcomes:
            yield from _arrows(row.allowed_in, outcome, row.action)
    for happening in HAPPENINGS:
        yield from _arrows(happening.happens_in, happening.outcome, _what(happening).replace("`", ""))
    reached = {outcome.leads_to for outcome in _outcomes()}
    yield from (f"    {state} --> [*]" for state in STATES if state in reached and not STATES[state].is_open)
    yield "```"
    yield ""


def _arrows(states: Collection[State], outcome: Outcome, label: str) -> Iterator[str]:
    if outcome.leads_to is Back.SAME:
        return
    for state in STATES:
        if state in states:
            ends = _before(state) if isinstance(outcome.leads_to, Back) else [outcome.leads_to]
            yield from (f"    {state} --> {end}: {label}" for end in ends)


def _before(state: State) -> list[State]:
    """Return the states from which actions lead to `state`: where a case that goes back from it may have been."""
    from_ = {before for row in TABLE for outcome in row.outcomes if outcome.leads_to is state for before in row.allowed_in}
    return [before for before in STATES if before in from_]


def _outcomes() -> Iterator[Outcome]:
    for row in TABLE:
        yield from row.outcomes
    yield from (row.outcome for row in HAPPENINGS)


def _named(row: Row | Happening) -> str:
    among = row.allowed_in if isinstance(row, Row) else row.happens_in
    states = ", ".join(f"`{state}`" for state in STATES if state in among)
    return states + (", after a final follow-up" if row.after_final else "")


def _what(row: Happening) -> str:
    if row.clock is not None:
        return f"the `{row.clock}` clock runs out"
    return "withdrawal" if row.cause is ComplaintWithdrawalAccepted else "supplement"


def _who(who: Who) -> str:
    if who.standing is Standing.REPORTER:
        return "the reporter, within the reopening time" if who.in_time else "the reporter"
    return ", ".join(sorted(who.roles)) + _WHO[who.standing]


def _outcome_cells(outcome: Outcome) -> str:
    says = outcome.says.TYPE.removeprefix("salur.").rpartition(".")[0]
    leads_to = f"*{outcome.leads_to.name.lower()}*" if isinstance(outcome.leads_to, Back) else f"`{outcome.leads_to}`"
    clocks = {"starts": outcome.starts, "ends": outcome.ends, "pauses": outcome.pauses, "resumes": outcome.resumes}
    told = "; ".join(f"{verb} {_clocks(named)}" for verb, named in clocks.items() if named)
    return f"`{says}` | {leads_to} | {told or '–'}"  # noqa: RUF001 - a dash for nothing, as in the contract


def _clocks(clocks: tuple[Clock, ...]) -> str:
    return ", ".join(f"`{clock}`" for clock in clocks)


if __name__ == "__main__":
    sys.stdout.write(page())
