"""One hostile record and what must become of it; the short ways to write one down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from uuid import uuid4

SUBMISSIONS: Final = "salur.submissions"
ACTIONS: Final = "salur.actions"
TYPE: Final = "salur.complaint.submitted.v1"
SOURCE: Final = "urn:poison"
MARK: Final = "RAHASIA"
"""Stands in whatever a record holds beside its id and source: nothing that we write may repeat it."""
LARGEST: Final = 256 * 1024

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Poison:
    """A record by its bytes and headers; the code that its receipt must have, and the paths of its errors.

    `id` is what the receipt must name as received (None: there is none that can be read).
    """

    name: str
    value: bytes | None
    code: str = "ok"
    paths: frozenset[str] = frozenset()
    headers: Headers = ()
    id: str | None = None
    topic: str = SUBMISSIONS
    source: str | None = SOURCE

    @property
    def outcome(self) -> str:
        return {"ok": "accepted", "duplicate": "duplicate", "unsupported_version": "parked"}.get(self.code, "rejected")


@dataclass
class Writer:
    """Writes poison down under ids of its own: `prefix` keeps two corpora apart."""

    prefix: str = field(default_factory=lambda: uuid4().hex[:8])
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    def id(self) -> str:
        return f"{self.prefix}/{next(self._number)}"

    def raw(self, name: str, value: bytes | None, code: str, path: str | None = "", **more: Any) -> Poison:
        """Return bytes as they are; without an id that can be read unless `id` says so."""
        return Poison(name, value, code, paths(path), **{"source": None if more.get("id") is None else SOURCE, **more})

    def event(self, name: str, changes: Mapping[str, Any] | None = None, code: str = "ok", path: str | None = None, **more: Any) -> Poison:
        """Return a structured event with some attributes changed; `...` leaves one out. Its data bears the mark."""
        document = {"specversion": "1.0", "id": self.id(), "source": SOURCE, "type": TYPE, "data": {"text": MARK}} | dict(changes or {})
        document = {key: value for key, value in document.items() if value is not ...}
        known = {"id": document.get("id"), "source": document.get("source")}
        return Poison(name, json.dumps(document, ensure_ascii=False).encode(), code, paths(path), **(known | more))

    def data(self, name: str, fields: Any, code: str = "ok", path: str | None = None, **attributes: Any) -> Poison:
        """Return a submission with these fields; a text is added unless there is one (`...` leaves it out)."""
        if isinstance(fields, Mapping):
            fields = {key: value for key, value in ({"text": f"Jalan rusak. {MARK}"} | dict(fields)).items() if value is not ...}
        return self.event(name, {"data": fields, **attributes}, code, path)

    def binary(self, name: str, body: bytes | None, code: str = "ok", path: str | None = None, headers: Mapping[str, bytes] | None = None) -> Poison:
        """Return an event in binary mode with some headers changed; an empty mapping value `...` leaves one out."""
        id_ = self.id()
        given: dict[str, Any] = {"ce_specversion": b"1.0", "ce_id": id_.encode(), "ce_source": SOURCE.encode(), "ce_type": TYPE.encode()}
        given |= headers or {}
        kept = [(key, value) for key, value in given.items() if value is not ...]
        return Poison(name, body, code, paths(path), kept, id_)


def paths(path: str | None) -> frozenset[str]:
    """Return the paths of a text that holds them apart by spaces; None stands for none, "" for the whole."""
    return frozenset() if path is None else frozenset(path.split(" "))
