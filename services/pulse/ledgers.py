"""Agencies and publishers of one partition: what came and what they did, by the hour, and whether they have gone silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from schemas.words import Silent
from services.pulse import silence
from services.pulse.baseline import HOUR_S
from services.pulse.counting import ACCEPTED, ACTED, ARRIVED, BREACHED, FOLLOWED, RECEIVED, REJECTED, Count
from services.pulse.kept import Kept
from services.pulse.reference_data import Reference
from services.pulse.saying import of_silence

AGENCY: Final = "a/"
PUBLISHER: Final = "p/"
AGENCY_KINDS: Final = (ARRIVED, FOLLOWED, BREACHED)
PUBLISHER_KINDS: Final = (ACCEPTED, RECEIVED, REJECTED)
Counts = Mapping[tuple[str, str, int], Count]


@dataclass(slots=True)
class Ledger:
    """One agency or publisher: its counts by hour (the panes of a hopping window), its state, and whether its silence was told."""

    kinds: tuple[str, ...]
    panes: dict[int, list[int]] = field(default_factory=dict)
    state: Any = None
    told: bool = False

    def count(self, kind: str, count: Count, oldest_s: int) -> None:
        """Add a count to its hour; hours before `oldest_s` go."""
        hour = count.step - count.step % HOUR_S
        if kind in self.kinds and hour >= oldest_s:
            self.panes.setdefault(hour, [0] * len(self.kinds))[self.kinds.index(kind)] += count.number
        for old in [hour for hour in self.panes if hour < oldest_s]:
            del self.panes[old]

    def window(self, oldest_s: int) -> list[int]:
        """Return the sum of each kind over the hours from `oldest_s` on."""
        return [sum(pane[place] for hour, pane in self.panes.items() if hour >= oldest_s) for place in range(len(self.kinds))]

    def pack(self) -> bytes:
        """Return it as a row."""
        panes = [[hour, *pane] for hour, pane in sorted(self.panes.items())]
        return orjson.dumps({"panes": panes, "state": None if self.state is None else self.state.row(), "told": self.told})

    @classmethod
    def unpack(cls, row: bytes, kinds: tuple[str, ...], state: Any) -> Ledger:
        """Read a row."""
        read = orjson.loads(row)
        panes = {hour: list(pane) for hour, *pane in read["panes"]}
        return cls(kinds, panes, None if read["state"] is None else state.of(read["state"]), read["told"])


class Ledgers:
    """All agencies and publishers that a partition owns; they are few enough to be held as they are."""

    def __init__(self, kept: Kept, patience: silence.Patience, reference: Reference, *, window_s: int, most: int) -> None:
        self._kept = kept
        self._patience = patience
        self._reference = reference
        self._window_s = window_s
        self._most = most
        self.agencies: dict[str, Ledger] = {}
        self.publishers: dict[str, Ledger] = {}
        self.late = 0
        self.unwatched = 0

    def load(self, key: str, value: bytes) -> None:
        """Take up a row after the table was rebuilt."""
        if key.startswith(AGENCY):
            self.agencies[key.removeprefix(AGENCY)] = Ledger.unpack(value, AGENCY_KINDS, silence.Agency)
        else:
            self.publishers[key.removeprefix(PUBLISHER)] = Ledger.unpack(value, PUBLISHER_KINDS, silence.Publisher)

    def oldest_s(self, now_s: int) -> int:
        """Return the begin of the window that ends with the present hour."""
        return now_s - now_s % HOUR_S - self._window_s + HOUR_S

    def fold(self, agencies: Counts, publishers: Counts, now_s: int) -> None:
        """Count what was heard of agencies and publishers; who was silent is so no longer."""
        oldest = self.oldest_s(now_s)
        self.late += sum(count.number for counts in (agencies, publishers) for count in counts.values() if count.step < oldest)
        for name, found in _by_name(agencies).items():
            ledger = self.agencies.setdefault(name, Ledger(AGENCY_KINDS))
            for kind, count in sorted(found, key=lambda each: (each[1].step, each[0] == ARRIVED)):  # what it did, then what came
                ledger.count(kind, count, oldest)
                self._live(name, ledger, kind, count, now_s)
            self._kept.put(f"{AGENCY}{name}", ledger.pack())
        for name, found in _by_name(publishers).items():
            if name not in self.publishers and len(self.publishers) >= self._most:
                self.unwatched += 1
                continue
            ledger = self.publishers.setdefault(name, Ledger(PUBLISHER_KINDS))
            for kind, count in found:
                ledger.count(kind, count, oldest)
            self._send(name, ledger, max(count.last for _, count in found), now_s)
            self._kept.put(f"{PUBLISHER}{name}", ledger.pack())

    def judge(self, now_s: int) -> None:
        """Look who has gone silent."""
        now = self._kept.time(now_s)
        for name, ledger in self.agencies.items():
            if ledger.state is not None and ledger.state.silent_s is None:
                state, found = silence.judge_agency(ledger.state, now, self._reference.workdays, self._patience, self._reference.offset_h(name))
                self._turn(Silent.AGENCY, f"{AGENCY}{name}", ledger, state, found, now_s)
        for name, ledger in self.publishers.items():
            if ledger.state is not None and ledger.state.silent_s is None:
                heard, found = silence.judge_publisher(ledger.state, now, self._reference.hours, self._patience)
                self._turn(Silent.PUBLISHER, f"{PUBLISHER}{name}", ledger, heard, found, now_s)

    def _live(self, name: str, ledger: Ledger, kind: str, count: Count, now_s: int) -> None:
        at = self._kept.time(count.last)
        if kind == ARRIVED:
            for _ in range(count.number):
                ledger.state = silence.received(ledger.state, at)
        elif kind in (FOLLOWED, ACTED):
            ledger.state, heard = silence.acted(ledger.state, at, self._reference.workdays, self._reference.offset_h(name))
            self._end(Silent.AGENCY, name, ledger, heard, now_s)

    def _send(self, name: str, ledger: Ledger, last_s: int, now_s: int) -> None:
        ledger.state, heard = silence.sent(ledger.state, self._kept.time(last_s), self._reference.hours)
        self._end(Silent.PUBLISHER, name, ledger, heard, now_s)

    def _turn(self, about: Silent, key: str, ledger: Ledger, state: Any, found: silence.Silent | None, now_s: int) -> None:
        ledger.state = state
        if found is None:
            return
        if self._kept.is_news(now_s):
            ledger.told = True
            self._kept.say(of_silence(about, key[len(AGENCY) :], found, self._kept.time(now_s)))
        self._kept.put(key, ledger.pack())

    def _end(self, about: Silent, name: str, ledger: Ledger, heard: silence.Heard | None, now_s: int) -> None:
        if heard is not None and ledger.told:
            ledger.told = False
            self._kept.say(of_silence(about, name, heard, self._kept.time(now_s)))


def _by_name(counts: Counts) -> dict[str, Sequence[tuple[str, Count]]]:
    found: dict[str, list[tuple[str, Count]]] = {}
    for (name, kind, _), count in counts.items():
        found.setdefault(name, []).append((kind, count))
    return dict(found)
