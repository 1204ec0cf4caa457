"""Addresses: the file that a new installation begins with, and which offices have one now."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chassis.postgres import Pool
from chassis.reference import Mirror
from chassis.seal import Seal
from chassis.settings import SettingsError
from schemas.targets import read_target
from schemas.words import Role
from services.notify import store
from services.notify.channels.signing import read_secrets
from services.notify.competence import Competence
from services.notify.offices import OPERATIONS, Agency, Office, Offices
from services.notify.status import host_of

LOOK_AGAIN_SECONDS: Final = 5.0
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")
_ROLES: Final = {*Role, OPERATIONS} - {Role.REPORTER}
_LANGUAGES: Final = ("id", "en")

ABOUT_SECRET: Final = b"webhook secret"
"""What a sealed secret is bound to."""

Row = tuple[str, str, str, str, str, str | None, str | None]


def read_mailboxes(file: Path) -> list[Row]:
    """Read a CSV of agency, role, mailbox, deputies (apart by spaces) and language, and if it has them webhook and webhook_secret.

    Raises SettingsError with the first wrong line.
    """
    rows: list[Row] = []
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                rows.append((*_row(row, place := f"{file}, line {number}"), *_webhook(row, place)))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"SALUR_NOTIFY_MAILBOXES cannot be read: {file} ({type(error).__name__})") from None
    return rows


def _row(row: dict[str, str], place: str) -> tuple[str, str, str, str, str]:
    try:
        agency, role, mailbox, deputies, language = (row[name] for name in ("agency", "role", "mailbox", "deputies", "language"))
    except KeyError as error:
        raise SettingsError(f"{place}: the column {error.args[0]} is missing") from None
    if not agency or role not in _ROLES:
        raise SettingsError(f"{place}: there is no office {role} of {agency!r}")
    if not all(_ADDRESS.fullmatch(address) for address in (mailbox, *deputies.split())):
        raise SettingsError(f"{place}: mailbox and deputies must be mail addresses, deputies apart by spaces")
    if language not in _LANGUAGES:
        raise SettingsError(f"{place}: language must be one of {', '.join(_LANGUAGES)}")
    return agency, role, mailbox, deputies, language


def _webhook(row: dict[str, str], place: str) -> tuple[str | None, str | None]:
    url, secret = row.get("webhook") or None, row.get("webhook_secret") or None
    if url is not None and read_target(url) is None:
        raise SettingsError(f"{place}: webhook must be an https URL without user and password")
    try:
        if secret is not None:
            read_secrets(secret)
    except ValueError as error:
        raise SettingsError(f"{place}: webhook_secret {error}") from None
    return url, secret


def sealed(rows: Iterable[Row], seal: Seal) -> list[store.Address]:
    """Return the rows as they are kept, their secrets sealed."""
    return [(*row, secret and seal.close(secret.encode(), ABOUT_SECRET)) for *row, secret in rows]  # type: ignore[misc] # seven stay seven


class Directory:
    """The offices as decisions need them, put together from the mirrored directory and the table of addresses."""

    def __init__(self, mirror: Mirror, pool: Pool, competence: Competence) -> None:
        self._mirror = mirror
        self._pool = pool
        self._competence = competence
        self._with_address: frozenset[Office] = frozenset()
        self._webhooks: dict[Office, str] = {}
        self._version = -1
        self._offices = Offices({}, frozenset())

    async def look(self) -> None:
        """Read which offices have an address, and which a webhook; raises AwayError."""
        found = await store.offices(self._pool)
        self._with_address = frozenset(found)
        self._webhooks = {office: host_of(url) for office, url in found.items() if url is not None}

    async def run(self) -> None:
        """Look again and again, until cancelled: addresses change while the service runs; raises AwayError."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def offices(self) -> Offices:
        """Return the offices as they are now."""
        if self._version != self._mirror.version:
            self._version = self._mirror.version
            agencies = {data["code"]: Agency(data["name"], data["parent"], data["zone"]) for data in self._mirror.values.values()}
            self._offices = Offices(agencies, self._with_address, self._webhooks, self._competence)
        elif self._offices.with_address is not self._with_address:
            self._offices = Offices(self._offices.agencies, self._with_address, self._webhooks, self._competence)
        return self._offices
