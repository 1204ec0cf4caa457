"""Keeping bytes that hold identities: AES-256-GCM under a service's master key.

The key is a file, made on the first start and never again: its fingerprint stands in the database, and a start that finds the
fingerprint but not its key refuses, for what the lost key had sealed could not be read by a new one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.postgres import Pool, borrow

_NONCE: Final = 12


class KeyMissingError(Exception):
    """The master key that this database's data was sealed with is not there."""


class Seal:
    """Seals and opens bytes; `about` binds them to their place, so that a row moved elsewhere does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, plain: bytes, about: bytes) -> bytes:
        """Return the sealed bytes: a fresh nonce, then the ciphertext with its tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed; raises cryptography's InvalidTag when bytes or place are not the same."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)


async def master_key(pool: Pool, file: Path) -> bytes:
    """Return the 32 bytes of the service's master key, made on the first start; raises KeyMissingError.

    With several replicas starting at once, the first to write its fingerprint decides, and the others read its file.
    """
    async with borrow(pool) as connection:
        known = await connection.fetchval("SELECT fingerprint FROM master_key")
        if known is None:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not file.exists():
                fresh = file.with_suffix(f".{os.getpid()}")
                _write_key(fresh)
                fresh.rename(file) if not file.exists() else fresh.unlink()
            key = file.read_bytes()
            await connection.execute("INSERT INTO master_key (one, fingerprint) VALUES (true, $1) ON CONFLICT DO NOTHING", _fingerprint(key))
            known = await connection.fetchval("SELECT fingerprint FROM master_key")
    if not file.exists() or _fingerprint(file.read_bytes()) != known:
        raise KeyMissingError(f"{file} is not the master key this database was sealed with: put the right file back, or restore both from one backup")
    return file.read_bytes()


def _write_key(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, os.urandom(32))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"salur master key\n" + key).digest()
