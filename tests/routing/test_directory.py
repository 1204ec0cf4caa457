"""The tree of agencies: who is above whom, who governs a region, who is meant."""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from schemas.words import Level
from services.routing.directory import Agency, Directory, DirectoryError, read_csv

DATA = Path(__file__).parents[2] / "data"
ROOT = Agency("ID", "Koordinator", Level.NATIONAL, None, "Asia/Jakarta")
PROVINCE = Agency("35", "Pemerintah Provinsi Jawa Timur", Level.PROVINCE, "ID", "Asia/Jakarta")
REGENCY = Agency("35.22", "Pemerintah Kabupaten Bojonegoro", Level.REGENCY, "35", "Asia/Jakarta")
UNIT = Agency("35.22/dinas", "Dinas", Level.UNIT, "35.22", "Asia/Jakarta")


def test_the_shipped_directory_holds_every_government_of_the_country(world: Any) -> None:
    levels = Counter(agency.level for agency in world.directory)
    assert (levels[Level.PROVINCE], levels[Level.REGENCY], levels[Level.NATIONAL]) == (38, 514, 1)
    assert levels[Level.MINISTRY] >= 15
    assert levels[Level.UNIT] >= 12
    assert len(world.directory) == sum(levels.values())


def test_the_shipped_agencies_are_what_the_script_makes_of_the_regions() -> None:
    spec = importlib.util.spec_from_file_location("generate_agencies", DATA / "generate_agencies.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with (DATA / "agencies.csv").open(encoding="utf-8", newline="") as file:
        shipped = [tuple(row) for row in csv.reader(file)]
    assert shipped == [script.COLUMNS, *script.national(), *script.local()]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("35.22", "35.22"),
        (" 35.22 ", "35.22"),
        ("Pemerintah Kabupaten Bojonegoro", "35.22"),
        ("pemerintah  KABUPATEN-Bojonegoro.", "35.22"),
        ("Dinas Perhubungan Kabupaten Bojonegoro", "35.22/dinas-perhubungan"),
        ("PT PLN (Persero)", "ID.PLN"),
    ],
)
def test_an_agency_is_found_by_its_code_or_its_whole_name(world: Any, given: str, code: str) -> None:
    assert world.directory.find(given).code == code


@pytest.mark.parametrize("given", ["", "Bojonegoro", "35.99", "Pemerintah Kabupaten", "?", "Kementerian Sihir"])
def test_what_names_no_agency_finds_none(world: Any, given: str) -> None:
    assert world.directory.find(given) is None


def test_a_name_that_two_agencies_bear_finds_neither() -> None:
    twin = replace(REGENCY, code="35.23")
    directory = Directory.of([ROOT, PROVINCE, REGENCY, twin], "1")
    assert directory.find(REGENCY.name) is None
    assert directory.find("35.23") == twin


@pytest.mark.parametrize(
    ("region", "code"),
    [("35.22.15.1001", "35.22"), ("35.22.99", "35.22"), ("35.22", "35.22"), ("35.99.01", "35"), ("35", "35"), ("99.01", None)],
)
def test_a_region_is_governed_by_the_nearest_government_that_is_known(world: Any, region: str, code: str | None) -> None:
    government = world.directory.government_of(region)
    assert (government and government.code) == code


def test_above_an_agency_stand_its_coordinators_up_to_the_national_one(world: Any) -> None:
    chain = ["35.22/dinas-sosial", "35.22", "35", "ID", "ID"]
    for below, coordinator in pairwise(chain):
        assert world.directory.coordinator_above(below).code == coordinator
    assert [agency.code for agency in world.directory.above(chain[0])] == ["35.22", "35", "ID"]
    assert world.directory.coordinator_above("ID.PLN").code == "ID"
    assert world.directory.coordinator_above("gone").code == "ID"


def test_an_agency_works_in_the_zone_of_its_place(world: Any) -> None:
    assert [world.directory.zone(code) for code in ("35.22", "51", "61.71", "91.71", "ID.PLN")] == [
        "Asia/Jakarta",
        "Asia/Makassar",
        "Asia/Pontianak",
        "Asia/Jayapura",
        "Asia/Jakarta",
    ]


@pytest.mark.parametrize(
    ("agencies", "problem"),
    [
        ([PROVINCE], "the national coordinator ID is missing"),
        ([ROOT, REGENCY], "35.22: its parent 35 is not listed"),
        ([ROOT, PROVINCE, PROVINCE], "35 is listed 2 times"),
        ([ROOT, PROVINCE, replace(REGENCY, parent="ID")], "35.22: a regency cannot stand below ID"),
        ([ROOT, replace(PROVINCE, parent=None)], "35: a province cannot stand below nobody"),
        ([ROOT, replace(ROOT, code="MY")], "MY: only ID stands at the top"),
        ([ROOT, PROVINCE, REGENCY, replace(UNIT, code="x")], "x: the code of a unit is its parent's, a slash and a slug"),
    ],
)
def test_a_tree_that_does_not_hold_is_refused_with_its_reason(agencies: list[Agency], problem: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        Directory.of(agencies, "1")
    assert problem in refused.value.problems


def test_a_line_that_cannot_be_read_is_named() -> None:
    text = "code,name,level,parent,zone,valid_from,valid_to\nID,K,national,,Asia/Jakarta,,\n35,J,duchy,ID,Asia/Jakarta,,\n"
    with pytest.raises(DirectoryError, match=r"^line 3: 'duchy' is not a valid Level$"):
        read_csv(text, "1")
