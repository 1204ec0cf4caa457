"""The reference lists as they are given out: made into bytes once for each version, plain and compressed."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, HTTPException, Path, Request, Response

from chassis.reference import Mirror
from services.intake.answers import away
from services.intake.openapi import LIST_EXTRA, LIST_RESPONSES

PATH: Final = "/v1/reference/{name}"
LISTS: Final = ["agencies", "categories", "regions"]
AGENCY: Final = "agency/"
_SHOWN: Final = ("code", "name", "level", "parent", "zone", "valid_from", "valid_to")
_HIGHEST: Final = 100
"""More agencies above one another than any tree has: a directory that went round in a circle ends here."""
_HEADERS: Final = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}
_WAIT_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class Listing:
    """One version of a list."""

    plain: bytes
    compressed: bytes
    etag: str

    @staticmethod
    def of(items: Sequence[Mapping[str, Any]]) -> Listing:
        """Return the listing of items; its version is made of what they say, so that equal lists have the same one everywhere."""
        version = sha256(orjson.dumps(items)).hexdigest()[:16]
        plain = orjson.dumps({"version": version, "items": items})
        return Listing(plain, gzip.compress(plain, mtime=0), f'W/"{version}"')


class Agencies:
    """The directory as routing tells it, mirrored."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._version = -1
        self._listing: Listing | None = None

    def listing(self) -> Listing | None:
        """Return the agencies by code, None as long as nobody has told them."""
        if self._version != self._mirror.version:
            self._version = self._mirror.version
            records = sorted(self._mirror.values[key]["code"] for key in self._mirror.values if key.startswith(AGENCY))
            told = [self._mirror.values[AGENCY + code] for code in records]
            items = [{name: record[name] for name in _SHOWN if record.get(name) is not None} for record in told]
            self._listing = Listing.of(items) if items else None
        return self._listing

    def above(self, code: str) -> Iterator[str]:
        """Return the agencies above one, the nearest first."""
        for _ in range(_HIGHEST):
            parent = self._mirror.values.get(AGENCY + code, {}).get("parent")
            if not parent:
                return
            yield parent
            code = parent


def router(lists: Mapping[str, Callable[[], Listing | None]]) -> APIRouter:
    """Return the endpoint of the lists by name."""
    routes = APIRouter(tags=["reference"])

    @routes.get(PATH, summary="Codes and names", responses=LIST_RESPONSES, openapi_extra=LIST_EXTRA)
    async def show(name: Annotated[str, Path(json_schema_extra={"enum": LISTS})], request: Request) -> Response:
        if name not in lists:
            raise HTTPException(404)
        listing = lists[name]()
        if listing is None:
            return away(_WAIT_SECONDS)[0]
        headers = {**_HEADERS, "ETag": listing.etag}
        if _is_known(request.headers.get("if-none-match", ""), listing.etag):
            return Response(status_code=304, headers=headers)
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(listing.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/json")
        return Response(listing.plain, headers=headers, media_type="application/json")

    return routes


def _is_known(asked: str, etag: str) -> bool:
    """Tell whether a caller has this version, by the weak comparison of RFC 9110."""
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _takes_gzip(asked: str) -> bool:
    """Tell whether a caller takes gzip: named and not with a weight of zero."""
    for offer in asked.split(","):
        name, _, weight = offer.replace(" ", "").lower().partition(";q=")
        if name == "gzip":
            return weight == "" or weight.strip("0.") != ""
    return False
