"""The `salur` command. Each group of commands is a file beside this one."""

import typer

from cli import operations, sla

app = typer.Typer(
    name="salur",
    help="Salur: every complaint reaches the agency that can answer it, in time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(sla.app, name="sla")
app.command()(operations.status)
app.command()(operations.settings)


@app.callback()
def _root() -> None:
    """Salur: every complaint reaches the agency that can answer it, in time."""


def main() -> None:
    """Run the command; exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 a service or store is away."""
    app()
