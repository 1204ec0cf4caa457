"""Field types of inbound data: JSON types are taken as they are (`"5"` is not 5), every text is bounded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError, PydanticKnownError

from schemas.targets import LONGEST, read_target
from schemas.times import read_time

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _not_before_2000(value: Any) -> datetime:
    time = value if isinstance(value, datetime) else read_time(value)
    if time is None:
        raise PydanticCustomError("rfc3339", "must be an RFC 3339 time with offset")
    if time < _EARLIEST:
        raise PydanticCustomError("before_2000", "must not lie before the year 2000")
    return time


def _usable(value: str) -> str:
    if read_target(value) is None:
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": REPLY_TO})
    return value


REGION: Final = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"
SHA256: Final = r"^[0-9a-fA-F]{64}$"
_LOWER: Final = r"^(https://[^\s/?#@\\]+|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?)([/?#]\S*)?$"
_SCHEME, _LOCALHOST = ("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in ("http", "localhost"))
# The form in small letters stands first and whole, so that the published pattern can be seen to take what it took before.
REPLY_TO: Final = f"{_LOWER}|{_LOWER.replace('localhost', _LOCALHOST).replace('https', f'{_SCHEME}[Ss]').replace('http:', f'{_SCHEME}:')}"

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

ReplyTo = Annotated[str, Field(max_length=LONGEST, pattern=REPLY_TO), AfterValidator(_usable)]
"""A URL that can be posted to, up to 2,048 characters; its scheme and host have no case."""

Name = Annotated[str, Field(max_length=200)]
"""A name of a person, office or place, up to 200 characters."""

Reason = Annotated[str, Field(min_length=1, max_length=2_000)]
"""Why somebody acted: at least one character, at most 2,000."""
