"""notify's knobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr

from chassis.settings import ChassisSettings, Gather, Port, SettingsError, gather, knob
from services.notify.channels.signing import SECRET_FILE, read_secrets

DATA: Final = Path(__file__).resolve().parents[2] / "data"


class NotifySettings(ChassisSettings):
    """What notify needs beside the carrying."""

    gather_ms: Gather = gather(100)
    notify_port: Port = knob(8104, "where it answers over HTTP", "port")
    public_url: str = knob("http://127.0.0.1:8104", "where people reach notify; the links in notices begin with it", "URL")
    notify_link_days: Annotated[int, Field(ge=1, le=3650)] = knob(
        90, "how long the link in a notice opens its page: an oversight case's 60 working days", "days"
    )
    notify_routing_url: str = knob("http://127.0.0.1:8102", "where the page behind the link asks how a case stands, and acts", "URL")
    notify_sla_url: str = knob("http://127.0.0.1:8103", "where it asks for deadlines", "URL")
    notify_intake_url: str = knob("http://127.0.0.1:8101", "where it asks for text and history", "URL")
    notify_page_seconds: Annotated[float, Field(gt=0, le=60)] = knob(3.0, "how long the page waits for a part; then it is shown without", "s")
    notify_page_requests: Annotated[int, Field(ge=1)] = knob(
        60, "requests a minute that one link may make; nobody reads faster. No limit under SALUR_OPEN", "requests"
    )
    notify_mailboxes: Path | None = knob(
        None,
        "CSV of role mailboxes (agency, role, mailbox, deputies, language; webhook, webhook_secret where there is one), "
        "loaded when there are none; data/mailboxes.csv under SALUR_OPEN",
        "path",
    )
    routing_rules: Path = knob(
        DATA / "routing-rules" / "default.json", "the rules that routing puts in force; from them the agency that is competent for a surge", "path"
    )
    notify_from: str = knob("salur@salur.test", "sender of all mails; bounces go there", "mail address")
    smtp_host: str = knob("127.0.0.1", "server that takes our mail", "host")
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = knob(8125, "its port", "port")
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

    notify_webhook_secret: SecretStr | None = knob(
        None,
        "signs webhooks to receivers without a secret of their own: whsec_ and base64; several apart by spaces all sign, while one replaces "
        "another. The one in the secrets folder (webhook.secret) when unset",
        "",
    )
    notify_allow_loopback: bool = knob(False, "lets webhooks go to this machine and private networks; for local use, make up sets it", "")
    notify_webhook_seconds: Annotated[float, Field(gt=0, le=60)] = knob(
        15.0, "longest time one webhook may take before it counts as failed (Standard Webhooks: 15 to 30)", "s"
    )
    notify_webhook_connections: Annotated[int, Field(ge=2, le=1000)] = knob(
        200, "webhooks on their way at once; receivers that fail or are slow get half of them at most", "connections"
    )
    notify_webhook_host_connections: Annotated[int, Field(ge=1, le=100)] = knob(
        8, "of these to one host, once it has answered fast; before, and while it fails or is slow, one", "connections"
    )
    notify_webhook_give_up_seconds: Annotated[float, Field(gt=0)] = knob(
        259_200.0, "after so long a webhook is undeliverable: 3 days, as others do (Standard Webhooks: 75 hours)", "s"
    )

    @property
    def mailboxes(self) -> Path | None:
        """Return the file of mailboxes to begin with; the shipped one is for local use only."""
        return self.notify_mailboxes or (DATA / "mailboxes.csv" if self.open else None)

    def webhook_keys(self) -> tuple[bytes, ...]:
        """Return the keys that sign where a receiver has no secret of its own, none when there is none; raises SettingsError."""
        file = self.secrets / SECRET_FILE
        given = self.notify_webhook_secret
        try:
            if given is not None:
                return read_secrets(given.get_secret_value())
            return read_secrets(file.read_text()) if file.exists() else ()
        except ValueError as error:
            raise SettingsError(f"{file if given is None else 'SALUR_NOTIFY_WEBHOOK_SECRET'} {error}") from None

    def check(self) -> None:
        """Refuse combinations that would be unsafe or could not work; raises SettingsError."""
        ChassisSettings.check(self)
        if self.notify_lease_seconds <= self.smtp_seconds:
            raise SettingsError("SALUR_NOTIFY_LEASE_SECONDS must be longer than SALUR_SMTP_SECONDS, else a slow mail is sent twice: raise it")
        if self.notify_lease_seconds <= self.notify_webhook_seconds:
            raise SettingsError(
                "SALUR_NOTIFY_LEASE_SECONDS must be longer than SALUR_NOTIFY_WEBHOOK_SECONDS, else a slow webhook is sent twice: raise it"
            )
        self.webhook_keys()
        if self.smtp_user and self.smtp_security == "none":
            raise SettingsError("SALUR_SMTP_USER would send its password in the clear: set SALUR_SMTP_SECURITY to tls or starttls")
