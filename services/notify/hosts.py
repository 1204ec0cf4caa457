"""Who gets how many connections: receivers that fail or are slow cannot take them from the others. Pure but for its memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.notify.channels.attempt import Attempt

SLOW_SECONDS: Final = 2.0
"""An answer that takes longer is a slow one."""
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 30.0
"""How long a host that is away is left alone; the wait grows with every try in vain."""
FORGET_SECONDS: Final = 600.0
REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Host:
    """A host, how many webhooks are on their way to it, whether its last answer was a fast one, and until when it is left alone."""

    sending: int = 0
    proven: bool = False
    pause_seconds: float = 0.0
    paused_until: float = 0.0
    seen_at: float = 0.0


class Hosts:
    """Shares connections out; `now` is monotonic seconds."""

    def __init__(self, *, at_once: int, per_host: int) -> None:
        self._at_once = at_once
        self._per_host = per_host
        self._hosts: dict[str, _Host] = {}

    def rooms(self, names: Iterable[str], now: float) -> dict[str, int]:
        """Return how many webhooks may be begun to each of these hosts now; hosts without room are left out.

        A host that has not proven itself gets one at a time, and all such hosts together half of the connections.
        """
        free = self._at_once - sum(host.sending for host in self._hosts.values())
        risky = self._at_once // 2 - sum(host.sending for host in self._hosts.values() if not host.proven)
        rooms = {}
        for name in names:
            host = self._hosts.get(name) or _Host()
            most = min(free, self._per_host) if host.proven else min(free, risky, 1)
            room = 0 if now < host.paused_until else min(free, most - host.sending)
            if room > 0:
                rooms[name] = room
                free -= room
                risky -= 0 if host.proven else room
        return rooms

    def begin(self, name: str, now: float) -> None:
        """Note that a webhook is on its way to a host."""
        if len(self._hosts) > REMEMBERED:
            self._forget(now)
        self._hosts.setdefault(name, _Host()).sending += 1

    def end(self, name: str, attempt: Attempt, seconds: float, now: float) -> None:
        """Note what came of it, and how long it took."""
        host = self._hosts[name]
        host.sending -= 1
        host.seen_at = now
        host.proven = not attempt.away and seconds <= SLOW_SECONDS
        if not attempt.away:
            host.pause_seconds = 0.0
        elif now >= host.paused_until:
            host.pause_seconds = min(max(host.pause_seconds * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            host.paused_until = now + max(host.pause_seconds, attempt.after_seconds)

    def _forget(self, now: float) -> None:
        idle = [name for name, host in self._hosts.items() if not host.sending and now > max(host.seen_at + FORGET_SECONDS, host.paused_until)]
        for name in idle:
            del self._hosts[name]
