"""Who calls over HTTP about a case: whoever holds the signed link of a notice, and everybody where doors are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import HTTPException, Request

from chassis.link import Link, Links

_BEARER: Final = "bearer "
NOBODY: Final = "no office is known by this request, or the time of its link is over"
OTHER_CASE: Final = "this link opens another case"


class NoLinkError(Exception):
    """The request shows no link that is worth anything."""


class OtherCaseError(Exception):
    """The request shows the link of another case."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Knows callers by the signed link of a notice; `now` is Salur time."""

    links: Links
    now: Callable[[], datetime]
    open_to_all: bool

    def link(self, request: Request, case_id: UUID) -> Link | None:
        """Return the link that a request shows, None where doors are open and it shows none; before anybody looks whether there is a case.

        A token that is shown is judged, open or not. Raises NoLinkError or OtherCaseError.
        """
        given = request.headers.get("authorization", "")
        shown = given.lower().startswith(_BEARER)
        if self.open_to_all and not shown:
            return None
        link = self.links.read(given[len(_BEARER) :].strip(), self.now()) if shown else None
        if link is None:
            raise NoLinkError
        if link.case_id != case_id:
            raise OtherCaseError
        return link

    def let_in(self, request: Request, case_id: UUID) -> None:
        """Raise HTTPException 401 or 403 for a caller without a right to the case."""
        try:
            self.link(request, case_id)
        except NoLinkError:
            raise HTTPException(401, NOBODY, {"WWW-Authenticate": "Bearer"}) from None
        except OtherCaseError:
            raise HTTPException(403, OTHER_CASE) from None
