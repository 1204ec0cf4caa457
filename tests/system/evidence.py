"""What was seen from outside, as the oracle reads it back: topics, the client's ledger, mails, metric pages and logs.

A folder holds `topics.ndjson`, `ledger.ndjson`, `messages.json`, `texts/` and `meta.json` (`speed` of Salur's clock, `kills`).
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

INBOUND = ("salur.submissions", "salur.actions")
RECEIPTS = "salur.receipts"
PULSE = "salur.pulse"
REFERENCE = "salur.reference"
TABLES = "salur.pulse."
"""What the topics begin with that pulse keeps for itself: no events."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, byte for byte; `timestamp` in milliseconds of real time."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    @property
    def is_said(self) -> bool:
        """Whether it is an event that Salur said, in contrast to what others say and to tables."""
        return self.topic not in (*INBOUND, REFERENCE) and not self.topic.startswith(TABLES)

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.value or b"null")

    def line(self) -> str:
        fields = {"topic": self.topic, "partition": self.partition, "offset": self.offset, "timestamp": self.timestamp}
        headers = [(name, _text(value)) for name, value in self.headers]
        return json.dumps({**fields, "key": _text(self.key), "value": _text(self.value), "headers": headers})

    @staticmethod
    def read(line: str) -> Record:
        read = json.loads(line)
        headers = tuple((name, _bytes(value) or b"") for name, value in read.pop("headers"))
        return Record(**{**read, "key": _bytes(read["key"]), "value": _bytes(read["value"]), "headers": headers})


@dataclass(frozen=True, slots=True)
class Fact:
    """An event of Salur where it was first seen."""

    record: Record
    id: str
    source: str
    type: str
    case_id: str | None
    sequence: int | None
    cause: str | None
    correlation: str | None
    time: datetime
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.type} {self.id} of {self.case_id} at {':'.join(map(str, self.record.place))}"


@dataclass
class Evidence:
    """Everything that the checks may look at."""

    records: list[Record]
    ledger: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    texts: dict[str, str] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def facts(self) -> list[Fact]:
        """Return what Salur said, each thing once, in the order of topics, partitions and offsets."""
        seen: set[tuple[str, str]] = set()
        facts: list[Fact] = []
        for record in sorted(self.records, key=lambda record: record.place):
            if not record.is_said:
                continue
            fact = _fact(record)
            if (fact.source, fact.id) not in seen:
                seen.add((fact.source, fact.id))
                facts.append(fact)
        return facts

    def of(self, *types: str) -> list[Fact]:
        """Return the facts of these types, named without prefix and version."""
        wanted = {f"salur.{name}.v1" for name in types}
        return [fact for fact in self.facts if fact.type in wanted]

    @cached_property
    def attempts(self) -> dict[str, list[dict[str, Any]]]:
        """Return the ledger's lines of each submission and action, by its id."""
        lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self.ledger:
            if "id" in line:
                lines[line["id"]].append(line)
        return lines

    @classmethod
    def load(cls, folder: Path) -> Evidence:
        """Read a folder."""
        texts = {path.name: path.read_text(errors="replace") for path in sorted((folder / "texts").iterdir())}
        return cls(
            [Record.read(line) for line in _lines(folder / "topics.ndjson")],
            [json.loads(line) for line in _lines(folder / "ledger.ndjson")],
            json.loads((folder / "messages.json").read_text()),
            texts,
            json.loads((folder / "meta.json").read_text()),
        )

    def save(self, folder: Path) -> None:
        """Write a folder."""
        (folder / "texts").mkdir(parents=True, exist_ok=True)
        _write(folder / "topics.ndjson", (record.line() for record in self.records))
        _write(folder / "ledger.ndjson", (json.dumps(line) for line in self.ledger))
        (folder / "messages.json").write_text(json.dumps(self.mails))
        (folder / "meta.json").write_text(json.dumps(self.meta))
        for name, text in self.texts.items():
            (folder / "texts" / name).write_text(text)


def by_case(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Return facts by case, each case's in the order of their sequence."""
    cases: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        cases[str(fact.case_id)].append(fact)
    for told in cases.values():
        told.sort(key=lambda fact: fact.sequence or 0)
    return cases


def status(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return what the client knows of an id: ok when one attempt was, info when one may have been, else fail."""
    ends = {line["op"] for line in lines}
    if "ok" in ends:
        return "ok"
    invoked = sum(line["op"] == "invoke" for line in lines)
    return "info" if "info" in ends or invoked > sum(line["op"] == "fail" for line in lines) else "fail"


def instant(text: str) -> datetime:
    """Return an RFC 3339 time in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _fact(record: Record) -> Fact:
    event = record.event
    return Fact(
        record,
        event["id"],
        event["source"],
        event["type"],
        event.get("subject"),
        event.get("sequence"),
        event.get("causationid"),
        event.get("correlationid"),
        instant(event["time"]),
        event["data"],
    )


def _lines(path: Path) -> Iterator[str]:
    with path.open() as file:
        yield from (line for line in file if line.strip())


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w") as file:
        file.writelines(f"{line}\n" for line in lines)


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value)
