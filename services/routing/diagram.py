"""Draws the workflow's one table as a page: `python -m services.routing.diagram > docs/workflow.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from schemas.words import Clock, State
from services.routing.workflow import START, STATES, TABLE, Outcome, Standing, Who


def page() -> str:
    """Return the states, the actions and the ways between them as Markdown with a Mermaid diagram."""
    return "\n".join((*_head(), *_states(), *_actions(), *_ways()))


def _head() -> Iterator[str]:
    yield "# States of a case and actions on it"
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
    yield "| action | allowed in | who | says | leads to | starts | ends |"
    yield "|---|---|---|---|---|---|---|"
    yield f"| (complaint accepted) | `{State.ACCEPTED}` | Salur | {_outcome_cells(START)} |"
    for row in TABLE:
        states = ", ".join(f"`{state}`" for state in STATES if state in row.allowed_in)
        states += ", after a final follow-up" if row.after_final else ""
        who = "; ".join(map(_who, row.who))
        for outcome in row.outcomes:
            when = f" ({outcome.when})" if outcome.when else ""
            yield f"| `{row.action}`{when} | {states} | {who} | {_outcome_cells(outcome)} |"
    yield ""


def _ways() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {START.leads_to}: complaint accepted"
    for row in TABLE:
        for outcome in row.outcomes:
            for state in STATES:
                if state in row.allowed_in:
                    yield f"    {state} --> {outcome.leads_to}: {row.action}"
    reached = {outcome.leads_to for row in TABLE for outcome in row.outcomes}
    yield from (f"    {state} --> [*]" for state in STATES if state in reached and not STATES[state].is_open)
    yield "```"
    yield ""


def _who(who: Who) -> str:
    if who.standing is Standing.CLOCK:
        return f"the `{Clock.REPLY}` clock"
    if who.standing is Standing.REPORTER:
        return "the reporter"
    roles = ", ".join(sorted(who.roles))
    return f"{roles} of the owner" if who.standing is Standing.OWNER else f"{roles} of the level above"


def _outcome_cells(outcome: Outcome) -> str:
    says = outcome.says.TYPE.removeprefix("salur.").rpartition(".")[0]
    return f"`{says}` | `{outcome.leads_to}` | {_clocks(outcome.starts)} | {_clocks(outcome.ends)}"


def _clocks(clocks: tuple[Clock, ...]) -> str:
    return ", ".join(f"`{clock}`" for clock in clocks) or "–"  # noqa: RUF001 - a dash for nothing, as in the contract


if __name__ == "__main__":
    sys.stdout.write(page())
