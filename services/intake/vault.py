"""The vault: what tells who a reporter is, sealed under a key of the case's own, which is sealed under the master key.

Erasing a person is deleting the case's wrapped key: what it sealed cannot be read by anyone afterwards, in no backup made later
and in no copy of the rows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
WRAPPED_BYTES: Final = _NONCE_BYTES + KEY_BYTES + 16
"""How long a wrapped key is, its tag included."""
_PURPOSE: Final = b"salur intake vault, wrapping of case keys"
"""The master key also seals kept records: the vault wraps under a key derived for it alone."""


class VaultClosedError(Exception):
    """The vault has not been given its master key yet: nothing can be sealed or opened."""


class Vault:
    """Seals a case's fields; it is made before the master key is known and armed with it once, when the service is wired."""

    def __init__(self) -> None:
        self._wrapping: AESGCM | None = None

    def arm(self, master_key: bytes) -> None:
        """Give the vault its master key (32 bytes)."""
        self._wrapping = AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE).derive(master_key))

    def seal(self, case_id: UUID, fields: Mapping[str, bytes | None]) -> tuple[bytes, Sequence[bytes | None]]:
        """Return a fresh case key, wrapped, and the fields sealed under it in their order; raises VaultClosedError."""
        key = os.urandom(KEY_BYTES)
        cipher = AESGCM(key)
        sealed = [None if plain is None else _close(cipher, plain, _about(case_id, name)) for name, plain in fields.items()]
        return _close(self._opened(), key, _about(case_id, "key")), sealed

    def open(self, case_id: UUID, wrapped: bytes, field: str, sealed: bytes) -> bytes:
        """Return one field in plain.

        Raises VaultClosedError, and cryptography's InvalidTag when key, case, field or bytes are not those that were sealed.
        """
        key = _open(self._opened(), wrapped, _about(case_id, "key"))
        return _open(AESGCM(key), sealed, _about(case_id, field))

    def _opened(self) -> AESGCM:
        if self._wrapping is None:
            raise VaultClosedError("the vault has no master key yet")
        return self._wrapping


def _about(case_id: UUID, field: str) -> bytes:
    """Return what binds sealed bytes to their place: moved to another case or field, they do not open."""
    return case_id.bytes + field.encode()


def _close(cipher: AESGCM, plain: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, about)


def _open(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
