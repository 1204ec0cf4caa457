"""Who may ask what became of a case's notices: whoever holds the link of one of them, and everybody where doors are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import HTTPException, Request

from chassis.link import Links

_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Callers:
    """Knows callers by the signed link of a notice; `now` is Salur time."""

    links: Links
    now: Callable[[], datetime]
    open_to_all: bool

    def let_in(self, request: Request, case_id: UUID) -> None:
        """Raise HTTPException for a caller without a right to the case, before anybody looks whether there is one.

        A token that is shown is judged, open or not.
        """
        given = request.headers.get("authorization", "")
        shown = given.lower().startswith(_BEARER)
        if self.open_to_all and not shown:
            return
        link = self.links.read(given[len(_BEARER) :].strip(), self.now()) if shown else None
        if link is None:
            raise HTTPException(401, "no office is known by this request, or the time of its link is over", {"WWW-Authenticate": "Bearer"})
        if link.case_id != case_id:
            raise HTTPException(403, "this link opens another case")
