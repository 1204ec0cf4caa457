"""The `salur` command. Each group of commands is a file beside this one; what they need is loaded when they run, not before."""

from __future__ import annotations

import sys

import typer

from cli import chain, operations, parked, publish, routing, sla, trace, validate
from cli.common import WRONG_USE, Failure, complain, tell_failure

app = typer.Typer(
    name="salur",
    help="Salur: every complaint reaches the agency that can answer it, in time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 a service or store is away. Every command has --help and --json.",
)
_PUBLISHERS = "Publishers"
_OPERATORS = "Operators"
app.command(rich_help_panel=_PUBLISHERS)(publish.publish)
app.command(rich_help_panel=_PUBLISHERS)(validate.validate)
app.command(rich_help_panel=_OPERATORS)(trace.trace)
app.add_typer(parked.app, name="parked", rich_help_panel=_OPERATORS)
app.add_typer(routing.app, name="routing", rich_help_panel=_OPERATORS)
app.add_typer(sla.app, name="sla", rich_help_panel=_OPERATORS)
app.command(rich_help_panel=_OPERATORS)(chain.verify_chain)
app.command(rich_help_panel=_OPERATORS)(operations.status)
app.command(rich_help_panel=_OPERATORS)(operations.settings)


@app.callback()
def _root() -> None:
    """Salur: every complaint reaches the agency that can answer it, in time."""


def main() -> None:
    """Run the command; exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 a service or store is away."""
    try:
        app()
    except Failure as failure:
        complain(str(failure))
        tell_failure(str(failure), failure.code)
        sys.exit(failure.code)
    except SystemExit as end:
        if end.code == WRONG_USE and sys.argv[1:2] != ["sla"]:  # whose answers are lines of their own, with --json or without it
            tell_failure("An option or argument is wrong: standard error says which, --help what there is.", WRONG_USE)
        raise
