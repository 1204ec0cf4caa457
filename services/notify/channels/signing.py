"""Standard Webhooks: who holds the secret knows that a webhook is ours, whole and fresh. Pure but for making a secret."""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

SECRET_FILE: Final = "webhook.secret"  # noqa: S105 - a file's name
"""In the secrets folder, made by the preparation: signs for receivers that have no secret of their own, unless a setting names another."""
PREFIX: Final = "whsec_"
_SHORTEST: Final = 16
_LONGEST: Final = 64


def new_secret() -> str:
    """Return a fresh secret of 32 random bytes."""
    return f"{PREFIX}{b64encode(secrets.token_bytes(32)).decode()}"


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Return the keys of one or more secrets (`whsec_` and base64 each, apart by spaces); raises ValueError with what is wrong."""
    keys = tuple(_key(secret) for secret in text.split())
    if not keys:
        raise ValueError("must hold a secret, whsec_ and base64")
    return keys


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"must be whsec_ and the base64 of {_SHORTEST} to {_LONGEST} bytes; several stand apart by spaces")
    return key


def sign(keys: tuple[bytes, ...], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body: one signature for each key, so that a receiver may change its secret at leisure."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = (b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
