"""Who hears of what pulse finds unusual, surges and silences; the unit of order is the surge or silence in a case's place. Pure.

Only who was told that it began is told that it is over. A repetition under another id, as a pulse says it that had to count anew,
finds what is remembered, and nobody is told again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.base import Data, Event
from schemas.pulse.silence import Silence
from schemas.pulse.silence_detected_v1 import SilenceDetected
from schemas.pulse.silence_ended_v1 import SilenceEnded
from schemas.pulse.surge import Surge
from schemas.pulse.surge_detected_v1 import SurgeDetected
from schemas.pulse.surge_ended_v1 import SurgeEnded
from schemas.words import Role, Silent, Unusual
from services.notify.case import Case, Figures, Matter, Notice
from services.notify.intents import Intent, once_each
from services.notify.offices import NATIONAL, OPERATIONS, Office, Offices

RULES: Final = {SurgeDetected: "surge", SurgeEnded: "surge-ended", SilenceDetected: "silence", SilenceEnded: "silence-ended"}
"""The rule by which each event is told; a mail's templates bear its name."""


def tell(state: Case | None, event: Event[Data], data: Surge | Silence, at: datetime, offices: Offices) -> tuple[Case | None, tuple[Notice, ...]]:
    """Return what is remembered of the surge or silence after one of its events, and the notices that follow."""
    begins = isinstance(data, SurgeDetected | SilenceDetected)
    matter = _matter(data)
    if begins == (state is not None):
        return state, ()
    hearers = _hearers(data, offices) if begins else tuple(dict.fromkeys((told.agency, told.role) for told in state.told)) if state else ()
    rule = RULES[type(data)]
    notices = once_each([Intent(_unit(data), rule, office, matter) for office in hearers], event, at, offices)
    known = state or Case("", about=matter.about)
    return known._replace(told=tuple(notice.told for notice in notices if begins and notice.is_read)), notices


def _unit(data: Surge | Silence) -> UUID:
    return data.surge_id if isinstance(data, Surge) else data.silence_id


def _hearers(data: Surge | Silence, offices: Offices) -> tuple[Office, ...]:
    """Return the offices that must hear: of a surge the region's coordinator and the competent agency's, of a silence who can end it."""
    if isinstance(data, Surge):
        competent = offices.competent(data.category, data.region)
        agencies = (offices.government(data.region), *((competent,) if competent is not None else ()))
        return tuple((agency, str(Role.COORDINATOR)) for agency in dict.fromkeys(agencies))
    if data.about == Silent.AGENCY and data.agency is not None:
        return ((offices.above(data.agency), str(Role.COORDINATOR)),)
    return ((NATIONAL, OPERATIONS),)


def _matter(data: Surge | Silence) -> Matter:
    figures = Figures(data.window.from_, data.window.until, data.observed, data.expected)
    match data:
        case SurgeDetected():
            figures = replace(figures, chance=data.chance, judged_by=str(data.rule))
        case SurgeEnded():
            peak = data.peak
            figures = replace(figures, ended_by=str(data.reason), peak=peak.observed, peak_from=peak.window.from_, peak_until=peak.window.until)
        case Silence():
            figures = replace(figures, working_days=data.working_days)
    if isinstance(data, Surge):
        return Matter("", category=data.category, region=data.region, about=str(Unusual.SURGE), figures=figures)
    return Matter("", agency=data.agency, publisher=data.publisher, about=str(Unusual.SILENCE), figures=figures)
