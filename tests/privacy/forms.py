"""The forms in which people write a number, an address or a name, by class; `HARD` are those that nobody promises to find all of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.privacy.people import ACCOUNTS, AREAS, Person, nik, phone

Form = Callable[[Random, str], str]
DIGITS = str.split("nol satu dua tiga empat lima enam tujuh delapan sembilan")


def cut(digits: str, *sizes: int, by: str = " ") -> str:
    """Cut digits into groups; what is left over is the last one."""
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    return by.join(group for group in [*groups, digits[at:]] if group)


def spelled(digits: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in digits)


def half_spelled(random: Random, digits: str) -> str:
    return " ".join(DIGITS[int(digit)] if random.random() < 0.5 else digit for digit in digits)


def lookalike(digits: str) -> str:
    return digits.replace("0", "O").replace("1", "l")


def wide(digits: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in digits)


def irregular(random: Random, digits: str) -> str:
    first = random.randrange(2, 7)
    second = random.randrange(2, 6)
    return cut(digits, first, second, 5)


def spoken_mail(random: Random, mail: str) -> str:
    at = random.choice((" (at) ", "(at)", "[at]", " [at] ", " at "))
    dot = random.choice((".", " dot ", " [dot] ", "[dot]", "(dot)"))
    account, _, provider = mail.partition("@")
    return account + at + provider.replace(".", dot)


NIK: Mapping[str, Form] = {
    "plain": lambda _, n: n,
    "labelled": lambda _, n: f"NIK:{n}",
    "family card": lambda _, n: f"No. KK {n}",
    "4-4-4-4": lambda r, n: cut(n, 4, 4, 4, by=r.choice((" ", "-", "."))),
    "6-6-4": lambda r, n: cut(n, 6, 6, by=r.choice((" ", "-", "."))),
    "dotted like its parts": lambda r, n: cut(n, 2, 2, 2, 6, by=r.choice((".", " "))),
}
NIK_HARD: Mapping[str, Form] = {
    "cut anywhere": irregular,
    "in words": lambda _, n: spelled(n),
    "half in words": half_spelled,
    "letters for figures": lambda _, n: lookalike(n),
    "wide figures": lambda _, n: wide(n),
    "invisible characters": lambda _, n: cut(n, 4, 4, 4, by="\u200b"),
    "mistyped, with its word": lambda r, n: "NIK " + r.choice((n[:-1], n + "0")),
}
PHONE: Mapping[str, Form] = {
    "plain": lambda _, p: p,
    "+62": lambda _, p: "+62" + p[1:],
    "62": lambda _, p: "62" + p[1:],
    "+62 in groups": lambda r, p: "+62 " + cut(p[1:], 3, 4, by=r.choice((" ", "-"))),
    "4-4-4": lambda r, p: cut(p, 4, 4, by=r.choice((" ", "-", ".", " - "))),
    "3-3-3": lambda r, p: cut(p, 4, 3, 3, by=r.choice((" ", "-", "."))),
    "fixed line": lambda r, _: r.choice(("({}) {}", "{}-{}", "{} {}")).format(r.choice(AREAS), r.randrange(200_000, 8_999_999)),
    "called, without its zero": lambda r, p: r.choice(("WA ", "HP: ", "hubungi ")) + p[1:],
}
PHONE_HARD: Mapping[str, Form] = {
    "in words": lambda _, p: spelled(p),
    "half in words": half_spelled,
    "letters for figures": lambda _, p: lookalike(p),
    "wide figures": lambda _, p: wide(p),
    "digit by digit": lambda _, p: " ".join(p),
    "cut anywhere": irregular,
    "without its zero": lambda _, p: p[1:],
}
EMAIL: Mapping[str, Form] = {
    "plain": lambda _, m: m,
    "in capitals": lambda _, m: m.upper(),
    "spaced": lambda r, m: m.replace("@", r.choice((" @ ", " @", "@ "))),
    "(at), [dot]": spoken_mail,
}
EMAIL_HARD: Mapping[str, Form] = {
    "in Indonesian": lambda _, m: m.replace("@", " at ").replace(".", " titik "),
    "without its end": lambda _, m: m.partition("@")[0] + "@gmail",
    "comma for dot": lambda _, m: m.partition("@")[0] + "@gmail,com",
    "wide sign": lambda _, m: m.replace("@", "\uff20"),
}


def of_nobody(random: Random) -> tuple[str, str, str]:
    """Draw an NIK, a telephone and a mail address of somebody whom the vault does not know."""
    account = random.choice(("warga", "pelapor", "keluhan.kami", "adik_nya", "rt05")) + str(random.randrange(1, 999))
    return nik(random), phone(random), f"{account}@{random.choice(ACCOUNTS)}"


def own_phone(random: Random, person: Person) -> str:
    """Write the reporter's number as no general form has it."""
    core = person.phone[1:]
    return random.choice((core, cut(core, 2, 2, 2, 2), cut(core, 5, by="-"), spelled(core), f"0{cut(core, 1, 2, 3, by='.')}"))


def own_nik(random: Random, person: Person) -> str:
    """Write the reporter's NIK likewise."""
    return random.choice((cut(person.nik, 3, 2, 1, 5), spelled(person.nik), cut(person.nik, 7, 2, by="-"), lookalike(person.nik)))


def own_address(random: Random, person: Person) -> str:
    """Write the reporter's address as somebody does who is not looking at the form."""
    told = person.address
    for given, written in (
        ("Jl. ", ("Jl. ", "jln ", "Jalan ")),
        (" No. ", (" No. ", " no ", " nomor ", " ")),
        ("RT 0", ("RT 0", "RT ", "RT.", "rt ")),
    ):
        told = told.replace(given, random.choice(written))
    told = random.choice((told, told.replace(", ", " "), told.split(",")[0]))
    return random.choice((told, told.lower(), told.upper()))


NAME: Mapping[str, Callable[[Random, list[str]], str]] = {
    "whole": lambda _, n: " ".join(n),
    "in capitals": lambda _, n: " ".join(n).upper(),
    "in small letters": lambda _, n: " ".join(n).lower(),
    "first alone": lambda r, n: r.choice((n[0], n[0].lower(), n[0].upper())),
    "last alone": lambda r, n: r.choice((n[-1], n[-1].lower())),
    "addressed": lambda r, n: f"{r.choice(('Pak', 'Bu', 'Ibu', 'bapak', 'Sdr.', 'mbak'))} {n[0]}",
    "turned round": lambda _, n: ", ".join(reversed(n)),
    "with initials": lambda _, n: f"{n[0]} " + " ".join(f"{part[0]}." for part in n[1:]) if len(n) > 1 else n[0],
    "with a suffix": lambda r, n: n[0] + r.choice(("nya", "lah", "-nya")),
}
NAME_HARD: Mapping[str, Callable[[Random, list[str]], str]] = {
    "account": lambda r, n: "@" + r.choice(("", "_", ".")).join(n).lower() + r.choice(("", "99", "_id")),
    "called by a piece": lambda r, n: f"{r.choice(('Pak', 'Bu', 'Mbak'))} {n[0][:4].title()}" if len(n[0]) > 5 else f"Pak {n[0]}",
    "one letter wrong": lambda r, n: n[0][:-2] + n[0][-1] * 2 + n[0][-1],
    "letters apart": lambda _, n: " ".join(n[0]),
    "invisible characters": lambda _, n: n[0][:2] + "\u200b" + n[0][2:],
}
