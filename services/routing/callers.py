"""Who calls over HTTP, and what of a request is read: the signed link, the key, the body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request

from chassis.callers import NOBODY, OTHER_CASE, Callers, NoLinkError, OtherCaseError
from schemas.base import Problem
from schemas.envelope import MAX_BYTES, MAX_ID, EnvelopeError, read_json

OPEN: Final = "urn:salur:open"
"""Who every caller is while authentication is off (contracts §1)."""
_OFFICE: Final = "urn:salur:office:"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
KEY_PATH: Final = "/headers/idempotency-key"
_KEY: Final = Problem(KEY_PATH, f"is required: 1 to {MAX_ID} characters, none of them a control character")
_NOBODY: Final = Problem("/headers/authorization", NOBODY)
_OTHER_CASE: Final = Problem("/headers/authorization", OTHER_CASE)
_OTHER_OFFICE: Final = Problem("/data/by", "is not the office of this link; it may be left out")


class RefusedError(Exception):
    """A request that is refused before it is looked into; `code` is one of contracts §3."""

    def __init__(self, code: str, problem: Problem) -> None:
        super().__init__(code)
        self.code = code
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `source` is whose keys its requests bear; `office` is that of its link, None for one whose word is believed."""

    source: str
    office: Mapping[str, str] | None

    def by(self, given: Any) -> Any:
        """Return who acts: what the request says, which may not differ from the office of the link; raises RefusedError."""
        if self.office is None:
            return given
        said = {} if given is None else given
        if not isinstance(said, dict) or any(said.get(name, word) != word for name, word in self.office.items()):
            raise RefusedError("forbidden_role", _OTHER_OFFICE)
        return {**said, **self.office}


def caller_of(callers: Callers, request: Request, case_id: UUID) -> Caller:
    """Return who asks about a case; raises RefusedError without a right to it."""
    try:
        link = callers.link(request, case_id)
    except NoLinkError:
        raise RefusedError("unauthorized_source", _NOBODY) from None
    except OtherCaseError:
        raise RefusedError("forbidden_role", _OTHER_CASE) from None
    return Caller(f"{_OFFICE}{link.agency}:{link.role}", {"agency": link.agency, "role": link.role}) if link else Caller(OPEN, None)


def key_of(request: Request) -> str:
    """Return the idempotency key; bytes beyond ASCII are read as UTF-8, as they are in an event's id. Raises EnvelopeError."""
    key = request.headers.get("idempotency-key", "").strip().encode("latin-1").decode("utf-8", "replace")
    if not 0 < len(key) <= MAX_ID or _CONTROL.search(key):
        raise EnvelopeError("schema_violation", [_KEY])
    return key


async def document_of(request: Request) -> Any:
    """Return the body as JSON; raises EnvelopeError, as soon as it is known to be too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise EnvelopeError("too_large", [Problem("", f"the body is larger than {MAX_BYTES} bytes")])
        parts.append(part)
    return read_json(b"".join(parts))
