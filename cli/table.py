"""Submissions as a table (CSV): the first row names the fields of a submission, nested ones with dots (`reporter.name`)."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, BinaryIO, Final

from pydantic import BaseModel

from cli.common import WRONG_USE, Failure, complain, count
from cli.lines import MOST_BYTES, Fault, Read
from schemas.inbound.complaint_submitted_v1 import MAX_ATTACHMENTS, Attachment, ComplaintSubmitted, Location, Reporter

KEY: Final = "id"
"""The column of the publisher's own id of a row, its idempotency key."""
_SEPARATORS: Final = ",;\t|"
_YES: Final = frozenset({"true", "1", "yes", "ya"})
_NO: Final = frozenset({"false", "0", "no", "tidak"})


def _flag(text: str) -> Any:
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else text


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> Any:
    return int(text) if text.strip().isdecimal() else text


def _columns() -> Mapping[str, Callable[[str], Any]]:
    nested: dict[str, type[BaseModel]] = {"reporter": Reporter, "location": Location}
    files = {f"attachments.{n}.{name}" for n in range(MAX_ATTACHMENTS) for name in Attachment.model_fields}
    names = {name for name in ComplaintSubmitted.model_fields if name not in (*nested, "attachments")}
    names |= {f"{part}.{name}" for part, model in nested.items() for name in model.model_fields}
    kinds: dict[str, Callable[[str], Any]] = dict.fromkeys(names | files, str)
    kinds |= dict.fromkeys(("anonymous", "confidential"), _flag) | dict.fromkeys(("location.lat", "location.lon"), _number)
    return MappingProxyType(kinds | {name: _whole for name in files if name.endswith(".size_bytes")})


COLUMNS: Final = _columns()
"""Every column that means something, and how its cells are read; an empty cell is an absent field."""


def rows(stream: BinaryIO) -> Iterator[Read]:
    """Return each row as the data of a submission; raises Failure when the first row does not name the fields."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    csv.field_size_limit(MOST_BYTES)
    first = text.readline(MOST_BYTES)
    if not first.strip():
        return
    separator = max(_SEPARATORS, key=first.count)
    names = _header(next(csv.reader([first], delimiter=separator)))
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                yield (
                    number,
                    Fault("too_large", f"a cell is longer than {MOST_BYTES} characters, and nothing after it was read: is a quotation mark open?"),
                )
                return
            yield number, Fault("malformed_json", "the row is not CSV: a quotation mark is open, or stands within a cell without being doubled")
            continue
        if any(row):
            yield number, _data(names, row)


def _header(given: Sequence[str]) -> list[str]:
    names = [name.strip() for name in given]
    if "text" not in names:
        raise Failure(
            "The first row names no column `text`: it must name the fields of a submission, nested ones with dots (reporter.name).", WRONG_USE
        )
    unknown = [n for n, name in enumerate(names) if name not in COLUMNS and name != KEY]
    for n in unknown:
        near = difflib.get_close_matches(names[n], COLUMNS, n=1)
        complain(f"Column {n + 1} names no field of a submission{f' (is it {near[0]}?)' if near else ''}: it will be ignored.")
    if len(set(names)) < len(names):
        raise Failure("A field is named by two columns of the first row.", WRONG_USE)
    return names


def _data(names: Sequence[str], row: Sequence[str]) -> dict[str, Any] | Fault:
    if len(row) > len(names):
        return Fault("schema_violation", f"the row has {count(len(row), 'cell')}, the first row names {count(len(names), 'column')}")
    if any("\udc80" <= letter <= "\udcff" for cell in row for letter in cell):
        return Fault("malformed_json", "the row is not UTF-8")
    data: dict[str, Any] = {}
    key = None
    for name, cell in zip(names, row, strict=False):
        if cell == "":
            continue
        if name == KEY:
            key = cell
        elif name in COLUMNS:
            _put(data, name.split("."), COLUMNS[name](cell))
    if "attachments" in data:
        data["attachments"] = [data["attachments"][n] for n in sorted(data["attachments"])]
    return data if key is None else {"idempotency_key": key, "data": data}


def _put(data: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        data = data.setdefault(step, {})
    data[steps[-1]] = value
