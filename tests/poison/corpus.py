"""The whole corpus: every kind of hostile record there is a file for."""

from __future__ import annotations

from tests.poison import actions, envelopes, fields, raw, values
from tests.poison.actions import Cases
from tests.poison.record import Poison, Writer


def submissions(write: Writer) -> list[Poison]:
    """Return what is published among the submissions (some of it belongs nowhere); made anew for each use, for some of it is about now."""
    return [poison for kind in (raw, envelopes, fields, values) for poison in kind.corpus(write)]


def orders(write: Writer, cases: Cases) -> list[Poison]:
    """Return what is said of cases that are there."""
    return list(actions.corpus(write, cases))


def homeless(write: Writer, cases: Cases) -> list[Poison]:
    """Return what is said of cases that are not."""
    return [*actions.unknown(write, cases), *actions.strangers(write)]
