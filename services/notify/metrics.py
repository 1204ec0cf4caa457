"""What operations staff watch of notices; every series exists from the start, with zeros."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.words import NoticeChannel

OUTCOMES: Final = ("queued", "delivered", "retry", "undeliverable", "suppressed", "without_recipient", "fenced")
CHANNELS: Final = (NoticeChannel.MAIL, NoticeChannel.WEBHOOK)


class NoticeMetrics:
    """notify's own metrics, in the process's registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.notifications = Counter(
            "salur_notifications", "Notices by what became of them; fenced: a result that came too late.", ["channel", "outcome"], registry=registry
        )
        self.delay = Histogram(
            "salur_notification_delay_seconds",
            "Real time from a notice being queued to its delivery.",
            ["channel"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
            registry=registry,
        )
        self.attempts = Histogram(
            "salur_delivery_attempts",
            "Tries that a notice took until its end.",
            ["channel"],
            buckets=(1, 2, 3, 5, 10, 20, 50, 100, 300),
            registry=registry,
        )
        self._without = Gauge("salur_notices_without_recipient", "Notices whose office still has no address.", ["service"], registry=registry)
        for channel in CHANNELS:
            self.delay.labels(channel)
            self.attempts.labels(channel)
            for outcome in OUTCOMES:
                self.notifications.labels(channel, outcome)
        self.show_without(0)

    def count(self, channel: str, outcome: str, number: int = 1) -> None:
        """Count notices by outcome."""
        self.notifications.labels(channel, outcome).inc(number)

    def show_without(self, number: int | None) -> None:
        """Show the number of notices without an address; None hides it, for another replica shows it."""
        self._without.clear()
        if number is not None:
            self._without.labels("notify").set(number)
