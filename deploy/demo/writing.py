"""Texts as citizens write them, by templates: invented people, places of real districts, lengths as in a real year. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

NIK_PREFIX: Final = "9900"
"""No province has the code 99: nobody can bear such a number."""
PHONE_PREFIX: Final = "0810000"
"""No operator has 0810."""
MAIL_DOMAIN: Final = "contoh.test"
MEDIAN_LENGTH: Final = 400
"""Characters aimed at; whole sentences leave a median of about 344."""
SPREAD: Final = 0.6
LONGEST: Final = 2_992


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist; each part is a canary: it may be found on no topic but the submissions'."""

    name: str
    nik: str
    phone: str
    email: str

    def canaries(self) -> tuple[str, ...]:
        """Return what must not travel, as it would be found: words and runs of digits."""
        return (*self.name.split(), self.nik, self.phone, self.email)


@dataclass(frozen=True, slots=True)
class Topic:
    """What complaints of one category are about, and the agency to which its first owner hands those that are not its own."""

    category: str | None
    weight: int
    elsewhere: str
    cores: tuple[str, ...]


@cache
def phrases() -> dict[str, Any]:
    """Return the building blocks of texts."""
    document: dict[str, Any] = orjson.loads(Path(__file__).with_name("phrases.json").read_bytes())
    return document


@cache
def topics() -> tuple[Topic, ...]:
    """Return the categories of the demo; weights follow the counts of a regency's four years."""
    return tuple(Topic(t["category"], t["weight"], t["elsewhere"], tuple(t["cores"])) for t in phrases()["topics"])


def person(rng: Random, number: int) -> Person:
    """Return the `number`-th invented person."""
    first, last = rng.choice(phrases()["first_names"]), rng.choice(phrases()["last_names"])
    nik = f"{NIK_PREFIX}{rng.randrange(10**7):07d}{number:05d}"
    phone = f"{PHONE_PREFIX}{number:05d}"
    return Person(f"{first} {last}", nik, phone, f"{first.lower()}.{number}@{MAIL_DOMAIN}")


def write(rng: Random, cores: tuple[str, ...], district: str, reporter: Person | None) -> str:
    """Return a text of a length as people write; every fourth one of a known reporter says who it is from."""
    words = phrases()
    since = rng.choice(words["since"])
    place = f"{rng.choice(words['spots'])} {district}"
    core = rng.choice(cores).format(place=place, since=since, since_c=since.capitalize())
    sentences = [rng.choice(words["openings"]), core]
    if reporter is not None and rng.random() < 0.25:
        sentences.insert(1, introduction(rng, reporter))
    wanted = min(LONGEST, rng.lognormvariate(math.log(MEDIAN_LENGTH), SPREAD))
    while True:
        details = rng.sample(words["details"], k=len(words["details"]))
        for detail in details:
            if len(" ".join(sentences)) + len(detail) > wanted - 40:
                sentences.append(rng.choice(words["closings"]))
                return " ".join(filter(None, sentences))
            sentences.append(detail)


def introduction(rng: Random, reporter: Person) -> str:
    """Return how somebody says who the text is from: what must not travel."""
    nik = reporter.nik if rng.random() < 0.7 else f"{reporter.nik[:6]} {reporter.nik[6:12]} {reporter.nik[12:]}"
    phone = reporter.phone if rng.random() < 0.7 else f"{reporter.phone[:4]}-{reporter.phone[4:8]}-{reporter.phone[8:]}"
    template: str = rng.choice(phrases()["introductions"])
    return template.format(name=reporter.name, nik=nik, phone=phone, email=reporter.email)
