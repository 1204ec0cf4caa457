"""What the report counts, from the facts alone. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from deploy.demo.complaints import Door
from deploy.demo.evidence import Evidence, Fact
from deploy.demo.page.words import level

OPEN_STATES = frozenset({"verification", "waiting_reporter", "transfer_requested", "verified", "followed_up", "replied"})
DOORS = {Door.KAFKA: "kafka", Door.KAFKA_BINARY: "kafka", Door.HTTP_BATCH: "batch"}


@dataclass(frozen=True, slots=True)
class Way:
    """One case in short: through which door, whose at first, whose now, how it ended, and whether a promise was broken meanwhile."""

    case_id: str
    door: str
    region: str | None
    first_owner: str
    owner: str
    outcome: str
    answered: bool
    breached: bool
    triage: bool


@dataclass(slots=True)
class Ends:
    """How the runs of one clock ended."""

    kept: int = 0
    late: int = 0
    waited: int = 0
    """Its normal end came: nobody replied."""
    cancelled: int = 0
    running: int = 0

    @property
    def judged(self) -> int:
        """Return how many could be kept or broken."""
        return self.kept + self.late


@dataclass
class Figures:
    """All that the page shows in numbers."""

    evidence: Evidence
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(fact.what for fact in self.evidence.once)

    @cached_property
    def ways(self) -> list[Way]:
        """The ways of all cases."""
        sent = {str(sending.data["external_ref"]): sending for sending in self.evidence.week.sendings if sending.code == "ok"}
        doors = {case: DOORS.get(sent[ref].door, "http") for ref, cases in self.evidence.cases_of.items() if ref in sent for case in cases}
        late = {fact.case_id for fact in self.evidence.said("sla", "deadline.breached")}
        return [
            _way(case, facts, doors.get(case, "http"), breached=case in late) for case, facts in self.evidence.by_case("routing").items() if facts
        ]

    @cached_property
    def to_owner(self) -> list[float]:
        """Real seconds from acceptance at the door until the owner was said, of each case, sorted."""
        routed = self.evidence.said("routing", "case.routed")
        return sorted(max(0.0, fact.said_at - self.evidence.real(fact.instant("accepted_at"))) for fact in routed)

    @cached_property
    def notice_delay(self) -> list[float]:
        """Real seconds from the fact until its notice was delivered, sorted."""
        said = {fact.id: fact.said_at for fact in self.evidence.once}
        told = self.evidence.said("notify", "notice.delivered")
        return sorted(max(0.0, fact.said_at - said[fact.data["cause"]]) for fact in told if fact.data["cause"] in said)

    @cached_property
    def clocks(self) -> dict[str, Ends]:
        """How each clock's runs ended."""
        found: dict[str, Ends] = {}
        for facts in self.evidence.by_case("sla").values():
            live: dict[str, bool] = {}
            for fact in facts:
                _count(found.setdefault(fact.data["clock"], Ends()), live, fact)
            for clock, broken in live.items():
                ends = found[clock]
                ends.late, ends.running = ends.late + broken, ends.running + (not broken)
        return found

    @property
    def kept(self) -> tuple[int, int]:
        """How many promises were kept, of how many that could be."""
        return sum(ends.kept for ends in self.clocks.values()), sum(ends.judged for ends in self.clocks.values())

    @property
    def ratings(self) -> Counter[int]:
        """The reporters' judgements, the later of two."""
        return Counter({fact.case_id: fact.data["rating"] for fact in self.evidence.said("intake", "complaint.rating_accepted")}.values())


def middle(values: list[float]) -> float:
    """Return the median, 0 of nothing."""
    return median(values) if values else 0.0


def share(values: list[float], of: float) -> float:
    """Return the value that a share of all do not exceed; `values` are sorted."""
    return values[min(len(values) - 1, int(len(values) * of))] if values else 0.0


def _way(case: str, facts: list[Fact], door: str, *, breached: bool) -> Way:
    last = facts[-1].data
    return Way(
        case_id=case,
        door=door,
        region=facts[0].data.get("region"),
        first_owner=facts[0].data["owner"],
        owner=last["owner"],
        outcome=_outcome(last),
        answered=any(fact.what == "case.followed_up" and fact.data["final"] for fact in facts),
        breached=breached,
        triage=facts[0].data.get("triage", False),
    )


def _outcome(last: object) -> str:
    assert isinstance(last, dict)
    state, by = last["state"], last["by"]
    if state == "closed":
        return "office" if isinstance(by, dict) else str(by)
    return state if state in {"archived", "referred", "withdrawn"} else "open"


def _count(ends: Ends, live: dict[str, bool], fact: Fact) -> None:
    """Count one fact of a clock; `live` says of each running one whether its promise is broken."""
    clock, what = fact.data["clock"], fact.what.rpartition(".")[2]
    match what:
        case "set":
            live[clock] = False
        case "breached":
            live[clock] = True
        case "moved" | "paused" | "resumed":
            live[clock] = live.get(clock, False) and fact.time > fact.instant("due_at")
        case "met" | "cancelled" | "elapsed":
            broken = live.pop(clock, False)
            ends.late += broken
            ends.kept += what == "met" and not broken
            ends.cancelled += what == "cancelled" and not broken
            ends.waited += what == "elapsed"


def levels(ways: list[Way]) -> Counter[str]:
    """Return how many cases began at each level."""
    return Counter(level(way.first_owner) for way in ways)
