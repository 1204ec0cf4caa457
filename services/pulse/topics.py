"""The topics that pulse keeps for itself: not contract, and made by the preparation, for Faust declares none."""

from __future__ import annotations

from typing import Final

from chassis.kafka import TopicSettings

COUNTS: Final = "salur.pulse.counts"
"""Partial sums on their way to the partition that owns what they count."""
ROWS: Final = "salur.pulse.rows"
"""The changelog of the rows: what is counted and learned."""
VIEWS: Final = "salur.pulse.views"
"""The changelog of what each partition shows: every replica follows all of it, and so each can show the whole."""

_DAY_MS: Final = 86_400_000
_SEGMENT: Final = {"segment.bytes": str(16 * 1024 * 1024), "segment.ms": "600000"}
_COMPACTED: Final = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2", **_SEGMENT}
"""Small segments: what is not compacted yet is read again at every start, at some 8,000 rows a second."""


def topics(partitions: int, replication: int) -> list[TopicSettings]:
    """Return how they are made; they have as many partitions as the topics that pulse reads, which Faust assigns side by side."""
    counts = {"cleanup.policy": "delete", "retention.ms": str(_DAY_MS), **_SEGMENT}
    kinds = {COUNTS: counts, ROWS: _COMPACTED, VIEWS: _COMPACTED}
    return [TopicSettings(name, partitions, replication, config) for name, config in kinds.items()]
