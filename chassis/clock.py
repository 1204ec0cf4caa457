"""One clock for all: Salur time, derived from the database's clock through one anchor row.

The anchor says: at this moment of the database's clock it was this moment of Salur time, and it runs at this speed. Every process
samples the database's clock now and then and counts on with its own monotonic clock in between; what it says never runs backward.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.postgres import Connection, Pool, borrow

RESAMPLE_SECONDS = 30.0
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Anchor:
    """`salur` was the time when the database's clock said `database`; `speed` Salur seconds pass in a real one."""

    salur: datetime
    database: datetime
    speed: float

    def at(self, database: datetime) -> datetime:
        """Return Salur time at a moment of the database's clock."""
        return self.salur + (database - self.database) * self.speed


async def set_anchor(owner: Connection, *, start: datetime | None, speed: float) -> Anchor:
    """Write the anchor when the data is created, or move it when start or speed change; Salur time never runs backward.

    `start` is obeyed when the data is new or when it lies after the present Salur time.
    """
    row = await owner.fetchrow("SELECT salur, database, speed, clock_timestamp() AS now FROM salur.clock")
    now = row["now"] if row else await owner.fetchval("SELECT clock_timestamp()")
    present = Anchor(row["salur"], row["database"], row["speed"]).at(now) if row else None
    wanted = start if start and (present is None or start > present) else present or now
    if row is None or wanted is not present or row["speed"] != speed:
        await owner.execute(
            "INSERT INTO salur.clock (one, salur, database, speed) VALUES (true, $1, $2, $3) "
            "ON CONFLICT (one) DO UPDATE SET salur = $1, database = $2, speed = $3",
            wanted,
            now,
            speed,
        )
    return Anchor(wanted, now, speed)


class Clock:
    """Salur time in this process; `now` costs no I/O."""

    def __init__(self, anchor: Anchor, *, database: datetime, monotonic: float) -> None:
        self._anchor = anchor
        self._database = database
        self._monotonic = monotonic
        self._last = anchor.salur

    @property
    def speed(self) -> float:
        """Salur seconds in a real second."""
        return self._anchor.speed

    def now(self) -> datetime:
        """Return the present Salur time (UTC), never before one returned earlier."""
        self._last = max(self._last, self.at(time.monotonic()))
        return self._last

    def at(self, monotonic: float) -> datetime:
        """Return Salur time at a moment of this process's monotonic clock."""
        return self._anchor.at(self._database + timedelta(seconds=monotonic - self._monotonic))

    def of(self, database: datetime) -> datetime:
        """Return Salur time at a moment of the database's clock: the same at each call, while the speed stays."""
        return self._anchor.at(database)

    def real_seconds(self, salur: timedelta) -> float:
        """Return how many real seconds a span of Salur time takes."""
        return salur.total_seconds() / self._anchor.speed

    async def sample(self, pool: Pool) -> None:
        """Compare with the database's clock, three times, and keep the answer that took the least time; raises AwayError."""
        best = None
        async with borrow(pool) as connection:
            for _ in range(3):
                before = time.monotonic()
                row = await connection.fetchrow("SELECT salur, database, speed, clock_timestamp() AS now FROM salur.clock")
                after = time.monotonic()
                if row and (best is None or after - before < best[0]):
                    best = (after - before, row, (before + after) / 2)
        if best:
            _, row, self._monotonic = best
            self._anchor = Anchor(row["salur"], row["database"], row["speed"])
            self._database = row["now"]

    async def keep(self, pool: Pool) -> None:
        """Sample again and again, until cancelled; raises AwayError."""
        while True:
            await asyncio.sleep(RESAMPLE_SECONDS)
            await self.sample(pool)


async def read_clock(pool: Pool) -> Clock:
    """Return the clock of the data behind `pool`; raises AwayError, or LookupError when there is no anchor yet."""
    clock = Clock(Anchor(_NEVER, _NEVER, 0), database=_NEVER, monotonic=0)
    await clock.sample(pool)
    if clock.speed == 0:
        raise LookupError("the database has no clock yet: run python -m deploy.prepare")
    return clock
