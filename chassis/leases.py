"""Who publishes which shard of keys: leases that a dead process loses and a restarted one of the same name takes up at once.

Order does not rest on them: two relays on one shard cost duplicates, nothing else (docs/adr/0005).
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from chassis.postgres import Connection

SHARDS: Final = 8
TTL_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 1.5
_MEMBER: Final = -1

_LIVE: Final = "SELECT count(*) FROM lease WHERE shard = -1 AND until > clock_timestamp() AND owner <> $1"
_RENEW: Final = """
INSERT INTO lease (shard, owner, boot, until) VALUES (-1, $1, $2, clock_timestamp() + $3 * interval '1 second')
ON CONFLICT (shard, owner) DO UPDATE SET boot = $2, until = EXCLUDED.until"""
_MINE: Final = """
UPDATE lease SET until = clock_timestamp() + $3 * interval '1 second', boot = $2 WHERE owner = $1 AND shard >= 0 RETURNING shard"""
_TAKE: Final = """
INSERT INTO lease (shard, owner, boot, until)
SELECT s, $1, $2, clock_timestamp() + $3 * interval '1 second' FROM generate_series(0, $4 - 1) s
WHERE NOT EXISTS (SELECT FROM lease l WHERE l.shard = s) ORDER BY s LIMIT $5
ON CONFLICT DO NOTHING RETURNING shard"""
_EXPIRED: Final = "DELETE FROM lease WHERE until < clock_timestamp() AND (shard >= 0 OR until < clock_timestamp() - interval '1 minute')"
_GIVE: Final = "DELETE FROM lease WHERE owner = $1 AND shard = ANY($2::int[])"
_LEAVE: Final = "DELETE FROM lease WHERE owner = $1"


class Leases:
    """The shards this process publishes; `mine` is renewed by `keep`."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.boot = uuid4()
        self.mine: frozenset[int] = frozenset()
        self.asked = False
        """Whether it has been settled at all what is ours; before, nobody knows who leads."""

    @property
    def leads(self) -> bool:
        """Tell whether this process is the one that does what only one replica does."""
        return 0 in self.mine

    async def keep(self, connection: Connection) -> None:
        """Renew, and move towards a fair share: expired shards are taken, a surplus is given back."""
        await connection.execute(_RENEW, self.owner, self.boot, TTL_SECONDS)
        others = await connection.fetchval(_LIVE, self.owner)
        share = -(-SHARDS // (others + 1))
        mine = sorted(row["shard"] for row in await connection.fetch(_MINE, self.owner, self.boot, TTL_SECONDS))
        if len(mine) > share:
            await connection.execute(_GIVE, self.owner, mine[share:])
            mine = mine[:share]
        elif len(mine) < share:
            await connection.execute(_EXPIRED)
            taken = await connection.fetch(_TAKE, self.owner, self.boot, TTL_SECONDS, SHARDS, share - len(mine))
            mine += [row["shard"] for row in taken]
        self.mine = frozenset(mine)
        self.asked = True

    async def leave(self, connection: Connection) -> None:
        """Give everything back, so that others need not wait."""
        self.mine = frozenset()
        await connection.execute(_LEAVE, self.owner)
