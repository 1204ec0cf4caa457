"""The topics of Salur and their settings (contracts §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

SUBMISSIONS: Final = "salur.submissions"
ACTIONS: Final = "salur.actions"
RECEIPTS: Final = "salur.receipts"
INTAKE: Final = "salur.intake"
ROUTING: Final = "salur.routing"
SLA: Final = "salur.sla"
NOTIFY: Final = "salur.notify"
RESTRICTED: Final = "salur.restricted"
REFERENCE: Final = "salur.reference"
PULSE: Final = "salur.pulse"


_READABLE: Final = {"compression.type": "uncompressed"}
"""The broker unpacks what somebody compressed in whatever way: a reader may lack the codec, and a bomb would burst in the reader."""
_FROM_STRANGERS: Final = {"message.timestamp.type": "LogAppendTime"}
"""The broker says when a record came: what a stranger's clock says would decide how long the record stays."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: what it is for, what its key means, how long records stay (None: compacted, the last of each key stays)."""

    name: str
    direction: Literal["in", "out"]
    about: str
    key: str
    retention: timedelta | None

    def config(self) -> dict[str, str]:
        """Return Kafka's own settings of the topic."""
        if self.retention is None:
            return {"cleanup.policy": "compact", **_READABLE}
        kept = {"cleanup.policy": "delete", "retention.ms": str(self.retention // timedelta(milliseconds=1)), **_READABLE}
        return kept | _FROM_STRANGERS if self.direction == "in" else kept


_WEEK: Final = timedelta(days=7)
_MONTH: Final = timedelta(days=30)

_ALL: Final = (
    Topic(SUBMISSIONS, "in", "Submissions by publishers; they hold identity.", "anything", _WEEK),
    Topic(ACTIONS, "in", "Actions on cases by agency systems.", "case_id", _WEEK),
    Topic(RECEIPTS, "out", "One receipt for each inbound record.", "the received id, else topic:partition:offset", _WEEK),
    Topic(INTAKE, "out", "What intake says.", "case_id", _MONTH),
    Topic(ROUTING, "out", "What routing says.", "case_id", _MONTH),
    Topic(SLA, "out", "What sla says.", "case_id", _MONTH),
    Topic(NOTIFY, "out", "What notify says.", "case_id", _MONTH),
    Topic(RESTRICTED, "out", "What any service says of a whistle-blowing case.", "case_id", _MONTH),
    Topic(PULSE, "out", "Surges and silences.", "<category>/<region>, or the agency, or the publisher", _MONTH),
    Topic(REFERENCE, "out", "The directory, without addresses.", "agency/<code>", None),
)

TOPICS: Final[Mapping[str, Topic]] = {topic.name: topic for topic in _ALL}
"""Every topic by name."""
