"""Prints how well the redaction does: `python -m tests.privacy [--texts N] [--tuning] [--wrong]`."""

from __future__ import annotations

import argparse
import sys

from tests.privacy.corpus import FIRST_MEASURED, samples
from tests.privacy.measure import measure, table
from tests.privacy.speed import spent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.privacy", description="Measure the redaction on generated complaints.")
    parser.add_argument("--texts", type=int, default=10_000, help="how many complaints (default 10,000)")
    parser.add_argument("--tuning", action="store_true", help="take the seeds that the redaction is mended by")
    parser.add_argument("--wrong", action="store_true", help="show examples of what went wrong")
    given = parser.parse_args()
    first = 0 if given.tuning else FIRST_MEASURED
    figures = measure(samples(range(first, first + given.texts)))
    times = [f"{name}: {microseconds:.0f} µs" for name, microseconds in spent().items()]
    sys.stdout.write("\n".join([table(figures), *times, ""]))
    if given.wrong:
        for about, count in [*sorted(figures.found.items()), *sorted(figures.stays.items())]:
            for example in count.wrong[:5]:
                sys.stdout.write(f"\n{about}: {example}\n")


if __name__ == "__main__":
    main()
