"""notify's knobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr

from chassis.settings import ChassisSettings, SettingsError, knob

DATA: Final = Path(__file__).resolve().parents[2] / "data"


class NotifySettings(ChassisSettings):
    """What notify needs beside the carrying."""

    notify_port: int = knob(8104, "where it answers over HTTP", "port")
    public_url: str = knob("http://127.0.0.1:8102", "what the links in notices begin with", "URL")
    notify_mailboxes: Path | None = knob(
        None,
        "CSV of role mailboxes (agency, role, mailbox, deputies, language), loaded when there are none; data/mailboxes.csv under SALUR_OPEN",
        "path",
    )
    notify_from: str = knob("salur@salur.test", "sender of all mails; bounces go there", "mail address")
    smtp_host: str = knob("127.0.0.1", "server that takes our mail", "host")
    smtp_port: int = knob(8125, "its port", "port")
    smtp_security: Literal["none", "starttls", "tls"] = knob(
        "none", "how the way to it is protected; tls from the first byte, starttls after the greeting", ""
    )
    smtp_user: str | None = knob(None, "user at the server; none sends without logging in", "")
    smtp_password: SecretStr | None = knob(None, "password at the server", "")
    smtp_seconds: Annotated[float, Field(gt=0, le=300)] = knob(20.0, "longest time one mail may take before it counts as failed", "s")
    notify_connections: Annotated[int, Field(ge=1, le=100)] = knob(
        8, "mails on their way at once, each on a connection that is used again", "connections"
    )
    notify_lease_seconds: Annotated[float, Field(gt=1, le=3600)] = knob(
        120.0, "how long a process may hold a notice before another one takes it", "s"
    )
    notify_retry_seconds: Annotated[float, Field(gt=0)] = knob(2.0, "wait before the second try; doubles with each", "s")
    notify_retry_longest_seconds: Annotated[float, Field(gt=0)] = knob(
        1800.0, "longest wait between two tries (RFC 5321 §4.5.4.1: at least 30 minutes)", "s"
    )
    notify_give_up_seconds: Annotated[float, Field(gt=0)] = knob(
        432_000.0, "after so long a notice is undeliverable: 5 days (RFC 5321 §4.5.4.1: 4 to 5)", "s"
    )

    @property
    def mailboxes(self) -> Path | None:
        """Return the file of mailboxes to begin with; the shipped one is for local use only."""
        return self.notify_mailboxes or (DATA / "mailboxes.csv" if self.open else None)

    def check(self) -> None:
        """Refuse combinations that would be unsafe or could not work; raises SettingsError."""
        ChassisSettings.check(self)
        if self.notify_lease_seconds <= self.smtp_seconds:
            raise SettingsError("SALUR_NOTIFY_LEASE_SECONDS must be longer than SALUR_SMTP_SECONDS, else a slow mail is sent twice: raise it")
        if self.smtp_user and self.smtp_security == "none":
            raise SettingsError("SALUR_SMTP_USER would send its password in the clear: set SALUR_SMTP_SECURITY to tls or starttls")
