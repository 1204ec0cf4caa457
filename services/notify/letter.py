"""A mail made from a notice: in the recipient's language, then the other one, as HTML and as text, with a link and no content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from services.notify.case import Matter
from services.notify.names import Names
from services.notify.offices import Offices
from services.notify.wording import CLOCKS, KINDS, moment, one_line

LANGUAGES: Final = ("id", "en")
_BLOCKS: Final = ("subject", "headline", "lead", "action")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is made of, as a leased notice holds it; `mailbox` and `deputies` are the office's addresses."""

    case_id: UUID
    rule: str
    agency: str
    meant_for: str | None
    matter: Matter
    message_id: str
    mailbox: str
    deputies: Sequence[str]
    language: str


class Desk:
    """Writes mails from templates; texts are escaped in HTML, and no template can reach beyond what it is given."""

    def __init__(self, folder: Path, *, names: Names, sender: str, public_url: str) -> None:
        loader = FileSystemLoader(folder)
        self._html = ImmutableSandboxedEnvironment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._text = ImmutableSandboxedEnvironment(loader=loader, autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._names = names
        self._sender = sender
        self._public_url = public_url.rstrip("/")

    def write(self, letter: Letter, offices: Offices) -> EmailMessage:
        """Return the mail; raises jinja2.TemplateError or ValueError when it cannot be made."""
        first = letter.language if letter.language in LANGUAGES else LANGUAGES[0]
        languages = (first, *(language for language in LANGUAGES if language != first))
        link = f"{self._public_url}/v1/cases/{letter.case_id}"
        words = {language: self._words(letter, offices, language) for language in languages}
        shared = {"tracking": letter.matter.tracking_id, "link": link, "languages": languages, "words": words}
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = one_line(f"[{letter.matter.tracking_id}] {self._blocks(self._text, letter, words[first], first)['subject']}")
        mail["From"] = Address(display_name="Salur", addr_spec=self._sender)
        mail["To"] = ", ".join(one_line(address) for address in (letter.mailbox, *letter.deputies))
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = letter.message_id
        mail["References"] = f"<{letter.case_id}@{letter.message_id.rpartition('@')[2]}"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = ", ".join(languages)
        mail.set_content(self._render(self._text, "mail.txt", letter, shared))
        mail.add_alternative(self._render(self._html, "mail.html", letter, shared), subtype="html")
        return mail

    def _render(self, environment: ImmutableSandboxedEnvironment, layout: str, letter: Letter, shared: Mapping[str, Any]) -> str:
        blocks = {language: self._blocks(environment, letter, shared["words"][language], language) for language in shared["languages"]}
        return environment.get_template(layout).render({**shared, "blocks": blocks})

    def _blocks(self, environment: ImmutableSandboxedEnvironment, letter: Letter, words: Mapping[str, Any], language: str) -> dict[str, str]:
        template = environment.get_template(f"{language}/{letter.rule.replace('-', '_')}.j2")
        return {name: _block(template, name, words) for name in _BLOCKS}

    def _words(self, letter: Letter, offices: Offices, language: str) -> dict[str, Any]:
        """Return what templates may say, each thing by its name in this language; None where it does not apply."""
        matter = letter.matter

        def agency(code: str | None) -> str | None:
            return None if code is None else offices.name(code)

        due_zone = offices.zone(matter.agency or letter.agency)
        return {
            "tracking": matter.tracking_id,
            "told": agency(letter.agency),
            "meant_for": agency(letter.meant_for),
            "kind": KINDS[language].get(matter.kind or ""),
            "category": None if matter.category in (None, "other") else self._names.category(matter.category or ""),
            "region": matter.region and self._names.region(matter.region),
            "triage": matter.triage,
            "owner": agency(matter.owner),
            "giver": agency(matter.from_),
            "target": agency(matter.to),
            "clock": matter.clock and CLOCKS[language].get(matter.clock, matter.clock),
            "agency": agency(matter.agency),
            "due": matter.due_at and moment(matter.due_at, due_zone, language),
            "percent": matter.percent,
            "level": matter.level,
        }


def _block(template: Template, name: str, words: Mapping[str, Any]) -> str:
    text = "".join(template.blocks[name](template.new_context(dict(words)))).strip()
    return Markup(text) if template.environment.autoescape else text  # noqa: S704 - the block has escaped what it was given
