"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from rich.console import Console

from bench.b1 import b1
from bench.b2 import b2
from bench.contenders import ALL
from bench.month import month
from bench.profiling import profile

_WHAT = "b1: one hop; b2: the whole way; profile: where the time of one hop goes; month: what pulse finds in a synthetic month (no stores)"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Salur beside its peers, on stores of its own.")
    parser.add_argument("what", choices=("b1", "b2", "profile", "month"), help=_WHAT)
    parser.add_argument("--quick", action="store_true", help="fewer events and rounds, 3 partitions instead of 12: both in about three minutes")
    parser.add_argument("--rounds", type=int, help="rounds instead of the usual number")
    parser.add_argument("--partitions", type=int, help="partitions a topic instead of the usual number")
    parser.add_argument("--events", type=int, default=30_000, help="events of a profile (default %(default)s)")
    parser.add_argument("--only", nargs="+", default=(), choices=[contender.key for contender in ALL], help="these contenders only")
    parser.add_argument("--data", type=Path, help="folder for the stores' data (default out/bench); removed afterwards")
    parser.add_argument("--open", type=int, default=0, help="b2: open cases that are there before (default none)")
    parser.add_argument("--cases", type=int, help="b2: submissions of the backlog")
    parser.add_argument("--pulse", action="store_true", help="b2: with pulse beside the four services")
    parser.add_argument("--seeds", nargs="+", type=int, help="month: seeds instead of the one that is kept aside")
    parser.add_argument("--volume", nargs="+", type=float, help="month: times the nation's volume (default 1 and 100; quick: 1)")
    parser.add_argument("--first-port", type=int, help="first of ten ports to use (default: free ones)")
    return parser.parse_args()


def main() -> int:
    """Run what was asked for; returns the exit code: 0 done, 1 a figure is void."""
    given, console = _arguments(), Console(width=None if sys.stdout.isatty() else 120)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # then the stores are ended as on Ctrl-C
    if given.what == "month":
        return month(console, seeds=given.seeds, volumes=given.volume or ((1,) if given.quick else (1, 100)))
    where = {"data": given.data, "first_port": given.first_port}
    if given.what == "profile":
        return asyncio.run(profile(console, events=given.events, partitions=given.partitions or 3, **where))
    if given.what == "b2":
        shape = {"open_cases": given.open, "cases": given.cases, "partitions": given.partitions or 3, "data": given.data, "pulse": given.pulse}
        return asyncio.run(b2(console, quick=given.quick, **shape))
    return asyncio.run(b1(console, quick=given.quick, rounds=given.rounds, partitions=given.partitions, only=given.only, **where))


if __name__ == "__main__":
    sys.exit(main())
