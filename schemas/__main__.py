"""`python -m schemas write | check | compat`: make the published schemas, hold them fresh, hold them compatible.

Every folder of `released/` is a copy of the type files of `published/` at a release; a release adds its copy and edits none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from schemas.compat import reasons_against
from schemas.publish import Examples, asyncapi, schema_of
from schemas.registry import EVENTS

_HERE: Final = Path(__file__).parent
PUBLISHED: Final = _HERE / "published"
RELEASED: Final = _HERE / "released"
EXAMPLES: Final = _HERE / "examples"


def examples() -> Examples:
    """Return the golden examples by type, in the order of their names."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path in sorted(EXAMPLES.glob("*/*.json")):
        found.setdefault(path.parent.name, []).append((path.stem, orjson.loads(path.read_bytes())))
    return found


def rendered() -> dict[str, bytes]:
    """Return the published files as they ought to be: name to bytes."""
    documents = {f"{entry.type}.json": schema_of(entry) for entry in EVENTS.values()} | {"asyncapi.json": asyncapi(examples())}
    return {name: orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n" for name, document in documents.items()}


def write(folder: Path = PUBLISHED) -> None:
    """Make the folder hold the rendered files and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    files = rendered()
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def stale(folder: Path = PUBLISHED) -> list[str]:
    """Return the names of the files that differ from what the models say, missing and surplus ones too."""
    there = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
    files = rendered()
    return sorted(name for name in there.keys() | files.keys() if there.get(name) != files.get(name))


def incompatible(released: Path = RELEASED) -> Iterator[str]:
    """Yield why today's models may not replace what was released."""
    for path in sorted(released.glob("*/*.json")):
        entry = EVENTS.get(path.stem)
        if entry is None:
            yield f"{path.parent.name}: {path.stem}: was released and is gone"
            continue
        for reason in reasons_against(orjson.loads(path.read_bytes()), schema_of(entry)):
            yield f"{path.parent.name}: {path.stem}: {reason}"


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 the answer is no, 2 wrong use."""
    if arguments == ["write"]:
        write()
        return 0
    if arguments == ["check"]:
        complaints = [f"published/{name} is stale: run `python -m schemas write`" for name in stale()]
    elif arguments == ["compat"]:
        complaints = list(incompatible())
    else:
        sys.stderr.write("usage: python -m schemas write|check|compat\n")
        return 2
    sys.stderr.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
