"""A mail made from a notice: in the recipient's language, then the other one, as HTML and as text, with one link and no content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from chassis.link import Link, Links
from schemas.words import Role
from services.notify.case import Matter
from services.notify.figures import WORDS, figure_words
from services.notify.mime import Mail
from services.notify.names import Names
from services.notify.offices import NATIONAL, OPERATIONS, Offices
from services.notify.wording import CLOCKS, KINDS, OFFICES, date_words, day_and_hour, distance, moment, one_line

LANGUAGES: Final = ("id", "en")
_BLOCKS: Final = ("subject", "headline", "lead", "action", "figure_label", "figure", "figure_note")
_TONES: Final = {"warned": "soon", "breached": "late", "escalated": "late", "surge": "soon", "silence": "soon"}
"""How urgent a mail looks, by its rule."""
_MOST_LETTERS: Final = 120
"""Of the name that a publisher gives itself; it may have 500."""
_HOUR: Final = timedelta(hours=1)
# A template does not change while the service runs: looking at its file again costs more than filling it in.
_FORM: Final[dict[str, Any]] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "auto_reload": False}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is made of, as a leased notice holds it; `mailbox` and `deputies` are the office's addresses.

    All that is told follows from it, so that every copy of one notice is the same: `at` (Salur time) is when it was queued.
    """

    case_id: UUID
    rule: str
    agency: str
    role: str
    meant_for: str | None
    matter: Matter
    at: datetime
    message_id: str
    mailbox: str
    deputies: Sequence[str]
    language: str


class Desk:
    """Writes mails from templates; texts are escaped in HTML, and no template can reach beyond what it is given."""

    def __init__(self, folder: Path, *, names: Names, sender: str, public_url: str, links: Links, link_days: int) -> None:
        loader = FileSystemLoader(folder)
        self._html = ImmutableSandboxedEnvironment(loader=loader, autoescape=True, **_FORM)
        self._text = ImmutableSandboxedEnvironment(loader=loader, autoescape=False, **_FORM)
        self._names = names
        self._sender = sender
        self._public_url = public_url.rstrip("/")
        self._links = links
        self._lifetime = timedelta(days=link_days)

    def write(self, letter: Letter, offices: Offices) -> Mail:
        """Return the mail; raises jinja2.TemplateError or ValueError when it cannot be made."""
        first = letter.language if letter.language in LANGUAGES else LANGUAGES[0]
        languages = (first, *(language for language in LANGUAGES if language != first))
        words = {language: self._words(letter, offices, language) for language in languages}
        of_case = letter.matter.about is None
        shared = {
            "tracking": letter.matter.tracking_id,
            "link": self._link(letter, first) if of_case else None,
            "tone": _TONES.get(letter.rule, "calm"),
            "languages": languages,
            "words": words,
        }
        text = {language: self._blocks(self._text, letter, words[language], language) for language in languages}
        html = {language: self._blocks(self._html, letter, words[language], language) for language in languages}
        mark = f"[{letter.matter.tracking_id}] " if of_case else ""
        headers = (
            ("Subject", one_line(f"{mark}{text[first]['subject']}")),
            ("From", f"Salur <{self._sender}>"),
            ("To", ", ".join(one_line(address) for address in (letter.mailbox, *letter.deputies))),
            ("Date", format_datetime(datetime.now(UTC))),
            ("Message-ID", letter.message_id),
            ("References", f"<{letter.case_id}@{letter.message_id.rpartition('@')[2]}"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "OOF, AutoReply"),
            ("Content-Language", ", ".join(languages)),
        )
        return Mail(
            headers,
            self._text.get_template("mail.txt").render({**shared, "blocks": text}),
            self._html.get_template("mail.html").render({**shared, "blocks": html}),
        )

    def _link(self, letter: Letter, language: str) -> str:
        """Return the address of the page for the office that is told; nothing of it is stored."""
        token = self._links.sign(Link(letter.case_id, letter.agency, letter.role, letter.at + self._lifetime))
        return f"{self._public_url}/a/{token}{'' if language == LANGUAGES[0] else f'?lang={language}'}"

    def _blocks(self, environment: ImmutableSandboxedEnvironment, letter: Letter, words: Mapping[str, Any], language: str) -> dict[str, str]:
        template = environment.get_template(f"{language}/{letter.rule.replace('-', '_')}.j2")
        context = template.new_context(dict(words))
        return {name: _block(template, name, context) if name in template.blocks else "" for name in _BLOCKS}

    def _words(self, letter: Letter, offices: Offices, language: str) -> dict[str, Any]:
        """Return what templates may say, each thing by its name in this language; None where it does not apply."""
        matter = letter.matter

        def agency(code: str | None) -> str | None:
            return None if code is None else offices.name(code)

        figures = matter.figures
        place = offices.zone(offices.government(matter.region) if matter.region else matter.agency or NATIONAL)
        due_zone = offices.zone(matter.agency or letter.agency)
        due = matter.due_at
        return {
            "tracking": matter.tracking_id,
            "told": agency(letter.agency),
            "meant_for": letter.meant_for and OFFICES[language][_meant_role(letter)].format(agency(letter.meant_for)),
            "kind": KINDS[language].get(matter.kind or ""),
            "category": None if matter.category in (None, "other") else self._names.category(matter.category or ""),
            "region": matter.region and self._names.region(matter.region),
            "place": matter.region and _nearest(self._names.region(matter.region)),
            "triage": matter.triage,
            "reserved": matter.reserved,
            "owner": agency(matter.owner),
            "giver": agency(matter.from_),
            "target": agency(matter.to),
            "clock": matter.clock and CLOCKS[language].get(matter.clock, matter.clock),
            "agency": agency(matter.agency),
            "due": due and moment(due, due_zone, language),
            "due_day": due and day_and_hour(due, due_zone, language)[0],
            "due_hour": due and day_and_hour(due, due_zone, language)[1],
            "due_late": due is not None and due <= letter.at,
            "due_distance": due and abs(due - letter.at) >= _HOUR and distance(letter.at, due, language),
            "until": date_words(letter.at + self._lifetime, offices.zone(letter.agency), language),
            "percent": matter.percent,
            "level": matter.level,
            "about": matter.about,
            "publisher": matter.publisher and _short(matter.publisher),
            **(WORDS if figures is None else figure_words(figures, place, language)),
        }


def _meant_role(letter: Letter) -> str:
    """Return the role for which a notice was meant whose reader stands in: of a silent publisher who runs Salur, else a coordinator."""
    return OPERATIONS if letter.matter.publisher else str(Role.COORDINATOR)


def _nearest(place: str) -> str:
    """Return a region's name without the province that it lies in: `Kecamatan Kedungadem, Kabupaten Bojonegoro`."""
    return place.rpartition(", ")[0] or place


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _block(template: Template, name: str, context: Context) -> str:
    text = "".join(template.blocks[name](context)).strip()
    return Markup(text) if template.environment.autoescape else text  # noqa: S704 - the block has escaped what it was given
