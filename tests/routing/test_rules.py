"""Whose a new case is, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.words import Kind
from services.routing.directory import Directory
from services.routing.rulebook import RulesError, read_rules
from services.routing.rules import Question, Rules

CATEGORIES = ("jalan", "jalan.lubang", "paspor")
TARGETS = ("ID.PLN", "ID.KEMLU", "35.78", "regional", "regional/dinas-sosial", "regional/dinas-tiada")


def question(category: str = "other", region: str | None = None, kind: str = "complaint", to: str | None = None) -> Question:
    return Question(Kind(kind), category, region, to)


# -- the shipped rules ------------------------------------------------------------------------------------------------


def test_the_agency_the_reporter_chose_gets_the_case(world: Any) -> None:
    routed = world.rules.route(question("politik-dan-hukum.paspor", "35.22", to="Dinas Sosial Kabupaten Bojonegoro"))
    assert (routed.owner.code, routed.rule, routed.triage) == ("35.22/dinas-sosial", "addressed_to", False)


def test_an_agency_nobody_knows_counts_as_not_chosen_and_is_not_quoted(world: Any) -> None:
    routed = world.rules.route(question("politik-dan-hukum.paspor", "35.22", to="Pak Budi"))
    assert (routed.owner.code, routed.rule) == ("ID.KEMENIMIPAS", "imigrasi")
    assert routed.because[0] == "Instansi tujuan yang disebut pelapor tidak tercatat dalam direktori."
    assert "Budi" not in " ".join(routed.because)


@pytest.mark.parametrize(
    ("category", "region", "owner"),
    [
        ("pekerjaan-umum.jalan-berlubang", "35.22.15", "35.22/dinas-pu-bina-marga"),
        ("pekerjaan-umum.jalan-berlubang", "35.78", "35.78"),
        ("pekerjaan-umum.jalan-berlubang", "35", "35"),
        ("pekerjaan-umum.sertifikat-tanah", "35.22", "ID.ATRBPN"),
        ("legalisasi-konsuler", "35.22", "ID.KEMLU"),
        ("legalisasi-konsuler", None, "ID.KEMLU"),
        ("fasilitas-diplomatik", None, "ID.KEMLU"),
        ("ekonomi-dan-keuangan.pajak-daerah", "51.71", "51.71"),
    ],
)
def test_the_most_specific_rule_finds_the_level_that_is_competent(world: Any, category: str, region: str | None, owner: str) -> None:
    routed = world.rules.route(question(category, region))
    assert (routed.owner.code, routed.triage) == (owner, False)


@pytest.mark.parametrize(("region", "owner"), [("35.22.15", "35"), ("35", "35"), (None, "ID"), ("99", "ID")])
def test_without_a_rule_the_nearest_coordinator_takes_it_into_triage(world: Any, region: str | None, owner: str) -> None:
    routed = world.rules.route(question("other", region))
    assert (routed.owner.code, routed.rule, routed.triage) == (owner, "triage", True)


def test_triage_too_says_that_the_chosen_agency_is_unknown(world: Any) -> None:
    assert world.rules.route(question("other", "35.22", to="Pak Budi")).because == (
        "Instansi tujuan yang disebut pelapor tidak tercatat dalam direktori.",
        "Tidak ada aturan yang menentukan instansi yang berwenang.",
        "Pemerintah Provinsi Jawa Timur sebagai koordinator menentukan instansi yang berwenang.",
    )


def test_a_local_matter_without_a_place_goes_to_national_triage(world: Any) -> None:
    assert world.rules.route(question("pekerjaan-umum.jalan-berlubang")).owner.code == "ID"


@pytest.mark.parametrize("to", [None, "35.22"])
def test_whistle_blowing_reaches_the_national_coordinator_only(world: Any, to: str | None) -> None:
    explained = world.rules.explain(question("kesehatan", "35.22", "whistleblowing", to))
    assert (explained.routed.owner.code, explained.routed.triage, explained.runners_up) == ("ID", True, ())


def test_an_information_request_is_answered_by_the_government_of_the_place(world: Any) -> None:
    routed = world.rules.route(question("other", "35.22.15", "information_request"))
    assert (routed.owner.code, routed.rule) == ("35.22", "informasi-publik")


def test_every_category_has_an_owner_everywhere_that_the_explanation_names(world: Any) -> None:
    for category, region, kind in product(world.categories, ("35.22.15", "91", None), ("complaint", "aspiration")):
        explained = world.rules.explain(question(category, region, kind))
        assert explained.routed == world.rules.route(question(category, region, kind))
        assert explained.routed.because
        assert explained.routed.triage or explained.routed.owner.name in explained.routed.because[-1]


def test_the_explanation_says_rule_reason_and_runners_up(world: Any) -> None:
    explained = world.rules.explain(question("pekerjaan-umum.penerangan-jalan", "35.78"))
    assert explained.routed.because == (
        "Kategori pekerjaan-umum.penerangan-jalan, wilayah 35.78: aturan lampu-jalan berlaku.",
        "Lampu jalan, halte, dan parkir ditangani dinas perhubungan.",
        "Unit dinas-perhubungan tidak tercatat di bawah Pemerintah Kota Surabaya, maka Pemerintah Kota Surabaya sendiri menerimanya.",
    )
    assert [(other.owner.code, other.rule) for other in explained.runners_up] == [
        ("35.78", "jalan-dan-tata-ruang"),
        ("35", "triage"),
    ]
    assert explained.rules_version == world.rules.version


# -- against a linear scan --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A rule with one key, as the scan reads it; None stands for any."""

    category: str | None
    region: str | None
    kind: Kind | None
    to: str


# few words, so that rules and questions meet often enough to fight over the order
keys = st.tuples(
    st.sampled_from((None, "jalan", "jalan.lubang", "paspor")),
    st.sampled_from((None, "35", "35.22", "35.22.15", "51")),
    st.sampled_from((None, Kind.COMPLAINT, Kind.ASPIRATION)),
)
tables = st.dictionaries(keys, st.sampled_from(TARGETS), max_size=20)
questions = st.builds(
    Question,
    kind=st.sampled_from((Kind.COMPLAINT, Kind.ASPIRATION, Kind.OVERSIGHT_COMPLAINT)),
    category=st.sampled_from(("jalan.lubang", "jalan", "jalan.baru", "paspor", "other")),
    region=st.sampled_from(("35.22.15", "35.22.15.1001", "35.22", "35.23.01", "35", "51", "98", None)),
    addressed_to=st.sampled_from((None, None, None, "35.22", "entah")),
)


def book(lines: Iterable[Line]) -> str:
    rules = []
    for number, line in enumerate(lines):
        rule: dict[str, Any] = {"id": f"r{number}", "to": line.to, "because": "x"}
        rule |= {"categories": [line.category]} if line.category else {}
        rule |= {"regions": [line.region]} if line.region else {}
        rule |= {"kinds": [line.kind]} if line.kind else {}
        rules.append(rule)
    return json.dumps({"rules_version": "1", "rules": rules})


def scan(lines: list[Line], asked: Question, directory: Directory) -> tuple[str, str]:
    """The oracle: look at every rule, keep what matches and can be resolved, take the most specific."""
    if asked.addressed_to in directory.agencies:
        return asked.addressed_to or "", "addressed_to"

    def inside(code: str | None, of: str | None) -> bool:
        return of is None or (code is not None and (code == of or code.startswith(of + ".")))

    def target(to: str) -> str | None:
        if not to.startswith("regional"):
            return to
        parts = (asked.region or "").split(".")
        known = [".".join(parts[:n]) for n in (2, 1) if ".".join(parts[:n]) in directory.agencies]
        unit = f"{known[0]}/{to[9:]}" if known and to[9:] else ""
        return unit if unit in directory.agencies else next(iter(known), None)

    found = [
        ((len(line.category or ""), len(line.region or ""), line.kind is not None), number, owner)
        for number, line in enumerate(lines)
        if inside(asked.category, line.category) and inside(asked.region, line.region) and line.kind in (None, asked.kind)
        if (owner := target(line.to)) is not None
    ]
    if not found:
        province = (asked.region or "")[:2]
        return (province if province in directory.agencies else "ID"), "triage"
    _, number, owner = max(found)
    return owner, f"r{number}"


@settings(max_examples=300, deadline=None)
@given(table=tables, asked=questions)
def test_the_index_decides_as_a_scan_of_all_rules_would(world: Any, table: dict[Any, str], asked: Question) -> None:
    lines = [Line(*key, to) for key, to in table.items()]
    routed = read_rules(book(lines), world.directory, CATEGORIES).route(asked)
    assert (routed.owner.code, routed.rule) == scan(lines, asked, world.directory)


class Counting(dict[Any, Any]):
    """A dictionary that counts how often it is asked."""

    asked = 0

    def get(self, key: Any, default: Any = None) -> Any:
        Counting.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("size", [10, 1_000, 50_000])
def test_a_decision_costs_the_same_few_look_ups_however_many_rules_there_are(world: Any, size: int) -> None:
    categories = [f"c{n}.s{n}" for n in range(size)]
    lines = [Line(category, "35.22", None, "ID.PLN") for category in categories]
    rules = read_rules(book(lines), world.directory, frozenset(categories))
    index = Counting({c: Counting({r: Counting(k) for r, k in by.items()}) for c, by in rules.index.items()})
    counted = Rules("1", world.directory, index)
    Counting.asked = 0
    assert counted.route(question(categories[-1], "35.22.15.1001")).owner.code == "ID.PLN"
    assert counted.route(question("nothing.of-this", "35.22.15.1001")).triage
    assert Counting.asked <= 16


# -- reading a rule file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"to": "ID.SIHIR"}, "a: to names ID.SIHIR, which is neither an agency of the directory nor regional nor regional/<unit>"),
        ({"to": "regional/"}, "a: to names regional/, which is neither"),
        ({"categories": ["sihir"]}, "a: categories names sihir, which is unknown"),
        ({"regions": ["99"]}, "a: regions names 99, which is unknown"),
        ({"regions": ["35-22"]}, "a: regions names 35-22, which is unknown"),
        ({"kinds": ["rant"]}, "a: kinds names rant, which is unknown"),
        ({"kinds": []}, "a: kinds must be a list of texts that is not empty"),
        ({"regions": "35"}, "a: regions must be a list of texts that is not empty"),
        ({"regions": ["35", "35"]}, "a: regions names one thing twice"),
        ({"because": ""}, "a: because must be a text that is not empty"),
        ({"region": "35"}, "a: region is not a field of a rule"),
        ({"id": "triage"}, "triage: this id stands for what decides without a rule"),
        ({"id": 1}, "rule 1: id must be a text that is not empty"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_its_reason(world: Any, rule: dict[str, Any], problem: str) -> None:
    text = json.dumps({"rules_version": "1", "rules": [{"id": "a", "to": "regional", "because": "x"} | rule]})
    with pytest.raises(RulesError) as refused:
        read_rules(text, world.directory, CATEGORIES)
    assert refused.value.problems[0].startswith(problem)


def test_two_rules_for_the_same_cases_or_of_one_name_are_refused(world: Any) -> None:
    rules = [
        {"id": "a", "to": "regional", "because": "x", "categories": ["jalan", "paspor"]},
        {"id": "b", "to": "ID.PLN", "because": "x", "categories": ["paspor"]},
        {"id": "a", "to": "ID.PLN", "because": "x"},
    ]
    with pytest.raises(RulesError) as refused:
        read_rules(json.dumps({"rules_version": "1", "rules": rules}), world.directory, CATEGORIES)
    assert refused.value.problems == (
        "b: a has the same category paspor, region any, kind any",
        "a: another rule has this id",
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"rules": []}', '{"rules_version": "", "rules": []}', '{"rules_version": "1"}'])
def test_a_file_that_is_no_rule_file_is_refused(world: Any, text: str) -> None:
    with pytest.raises(RulesError, match="the file"):
        read_rules(text, world.directory, CATEGORIES)


def test_a_rule_that_is_no_object_is_refused(world: Any) -> None:
    with pytest.raises(RulesError, match=r"^rule 1: must be an object$"):
        read_rules('{"rules_version": "1", "rules": [5]}', world.directory, CATEGORIES)
