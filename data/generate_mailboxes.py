"""Write mailboxes.csv from agencies.csv: `python data/generate_mailboxes.py`; for local use, all under a reserved domain (RFC 2606)."""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent
DOMAIN = "salur.test"
ROLES = (("coordinator", "koordinator"), ("liaison", "penghubung"))


def main() -> None:
    """Write the file: for each agency the mailboxes of its coordinator and its liaison, then that of who runs Salur."""
    with (HERE / "agencies.csv").open(encoding="utf-8", newline="") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    with (HERE / "mailboxes.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("agency", "role", "mailbox", "deputies", "language"))
        for code in codes:
            place = code.lower().replace("/", ".")
            writer.writerows((code, role, f"{name}.{place}@{DOMAIN}", "", "id") for role, name in ROLES)
        writer.writerow(("ID", "operations", f"operasi@{DOMAIN}", "", "id"))


if __name__ == "__main__":
    main()
