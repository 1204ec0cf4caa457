"""Read by intake: a publisher hands in what a reporter filed (contracts §4)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Data
from schemas.inbound.fields import REGION, SHA256, FiledTime, Flag, Name, ReplyTo
from schemas.words import Channel, Kind

MAX_ATTACHMENTS: Final = 10
Url = Annotated[str, Field(min_length=1, max_length=2_048)]
Region = Annotated[str, Field(pattern=REGION)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Location(_Part):
    """Where it is: a point in WGS 84 degrees, an address, or both."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"lat": ["lon"], "lon": ["lat"]}})

    lat: Latitude | None = None
    lon: Longitude | None = None
    address: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _point_is_whole(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            missing = "lat" if self.lat is None else "lon"
            raise PydanticCustomError("half_point", "lat and lon come together", {"field": missing})
        return self


class Reporter(_Part):
    """Who filed; goes to the vault only."""

    name: Name | None = None
    nik: Name | None = None
    phone: Name | None = None
    email: Name | None = None
    address: Name | None = None


class Attachment(_Part):
    """A file that the publisher keeps; referenced, never fetched."""

    url: Url
    media_type: Annotated[str, Field(max_length=255)] | None = None
    size_bytes: Annotated[StrictInt, Field(ge=0, le=2**53 - 1)] | None = None
    sha256: Annotated[str, Field(pattern=SHA256)] | None = None


def _few(value: Any) -> Any:
    # Checked before the items are: each of a hundred thousand wrong ones would become an error of its own.
    if isinstance(value, list) and len(value) > MAX_ATTACHMENTS:
        raise PydanticCustomError("too_many", "must have at most 10 items")
    return value


class ComplaintSubmitted(Data):
    """A submission; null stands for absent where a field has no default word."""

    TYPE: ClassVar[str] = "salur.complaint.submitted.v1"

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    title: Annotated[str, Field(max_length=200)] | None = None
    kind: Kind = Kind.COMPLAINT
    category: Annotated[str, Field(max_length=100)] | None = None
    region: Region | None = None
    location: Location | None = None
    addressed_to: Name | None = None
    channel: Channel = Channel.OTHER
    submitted_at: FiledTime | None = None
    external_ref: Annotated[str, Field(max_length=100)] | None = None
    reporter: Reporter | None = None
    anonymous: Flag = False
    confidential: Flag = False
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=MAX_ATTACHMENTS), BeforeValidator(_few)] = ()
    reply_to: ReplyTo | None = None
