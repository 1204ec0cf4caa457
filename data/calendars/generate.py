"""Write id-national.json: national holidays and cuti bersama from the `holidays` package, joined with decrees.json.

A tool for developers: `python data/calendars/generate.py`. The result is committed; a new decree is a new run, a new
`version` in decrees.json and a look at the difference.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import holidays

HERE = Path(__file__).parent
ESTIMATED = " (perkiraan)"


def entries(years: range) -> Iterator[dict[str, Any]]:
    """Yield each closed date with its name (Indonesian), category and whether it is only estimated."""
    for year in years:
        public = holidays.country_holidays("ID", years=year, categories=("public",), language="id")
        leave = holidays.country_holidays("ID", years=year, categories=("government",), language="id")
        for day in sorted({*public, *leave}):
            name = public.get(day) or leave.get(day) or ""
            name = name.replace("Pegangti", "Pengganti")
            entry: dict[str, Any] = {"date": day.isoformat(), "name": name.replace(ESTIMATED, "")}
            entry["category"] = "national" if day in public else "joint_leave"
            if ESTIMATED in name:
                entry["estimated"] = True
            yield entry


def main() -> None:
    """Write the calendar next to this file."""
    head = json.loads((HERE / "decrees.json").read_text(encoding="utf-8"))
    first, last = head["covers"]
    document = {**head, "holidays": list(entries(range(first, last + 1))), "exceptions": {}}
    lines = json.dumps(document, ensure_ascii=False, indent=1)
    (HERE / "id-national.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
