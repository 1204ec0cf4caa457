"""Field types of inbound data: JSON types are taken as they are (`"5"` is not 5), every text is bounded."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

_RFC3339: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > 40 or not _RFC3339.fullmatch(value):
        raise PydanticCustomError("rfc3339", "must be an RFC 3339 time with offset")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("rfc3339", "must be an RFC 3339 time with offset") from None


def _not_before_2000(value: Any) -> datetime:
    time = _time(value)
    if time < _EARLIEST:
        raise PydanticCustomError("before_2000", "must not lie before the year 2000")
    return time


REGION: Final = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"
SHA256: Final = r"^[0-9a-fA-F]{64}$"
REPLY_TO: Final = r"^(https://[^\s/?#@\\]+|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?)([/?#]\S*)?$"

FORMS: Final = {
    REGION: "must be a Kemendagri code: PP, PP.RR, PP.RR.DD or PP.RR.DD.VVVV",
    SHA256: "must be 64 hexadecimal digits",
    REPLY_TO: "must be an https URL (http on loopback only), without user and password",
}
"""What the patterns ask for, in words."""

FiledTime = Annotated[datetime, BeforeValidator(_not_before_2000, json_schema_input_type=datetime)]
"""An instant from 2000 on, RFC 3339 with offset, kept in UTC."""

Flag = StrictBool
"""true or false, nothing that resembles them."""

Name = Annotated[str, Field(max_length=200)]
"""A name of a person, office or place, up to 200 characters."""

Reason = Annotated[str, Field(min_length=1, max_length=2_000)]
"""Why somebody acted: at least one character, at most 2,000."""
