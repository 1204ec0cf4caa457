"""Judges a run by what the outside saw of it: `python -m tests.system.oracle FOLDER`; exit 0 when all holds, 1 when not, 2 for wrong use.

It shares no code with what it judges and never looks into a database.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.system.evidence import Evidence, status
from tests.system.invariants import INVARIANTS

SHOWN = 5


def judge(evidence: Evidence) -> dict[str, list[str]]:
    """Return the counterexamples of every invariant."""
    return {name: list(check(evidence)) for name, check in INVARIANTS.items()}


def verdict(found: Mapping[str, list[str]]) -> str:
    """Return one line for each invariant, and the first counterexamples below those that do not hold."""
    lines = []
    for name, examples in found.items():
        lines.append(f"{'holds ' if not examples else 'BROKEN'} {name}" + (f" ({len(examples)})" if examples else ""))
        lines += [f"         {example}" for example in examples[:SHOWN]]
    return "\n".join(lines)


def figures(evidence: Evidence) -> str:
    """Return how much there was to judge."""
    known = Counter((lines[0]["what"], status(lines)) for lines in evidence.attempts.values())
    said = Counter(fact.type.removeprefix("salur.").removesuffix(".v1") for fact in evidence.facts)
    distinct = len({mail["message_id"] for mail in evidence.mails})
    repeated = len(evidence.records) - len({(record.topic, record.key, record.value) for record in evidence.records})
    told = ", ".join(f"{number} {name}" for name, number in sorted(said.items()))
    client = ", ".join(f"{number} {what} {how}" for (what, how), number in sorted(known.items()))
    return f"client: {client}; {len(evidence.records)} records, {repeated} repeated; mails: {len(evidence.mails)}, {distinct} distinct; {told}"


def main(arguments: list[str]) -> int:
    """Judge one folder."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "topics.ndjson").exists():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    evidence = Evidence.load(Path(arguments[0]))
    found = judge(evidence)
    sys.stdout.write(f"{verdict(found)}\n{figures(evidence)}\n")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
