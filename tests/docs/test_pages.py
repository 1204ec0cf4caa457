"""What the pages name is there: links, files, settings, buttons."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.operations import _settings
from tests.docs.pages import PAGES, ROOT

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
FILE = re.compile(r"`((?:services|chassis|schemas|data|cli|deploy|docs|tests)/[\w./-]*)`")
SETTING = re.compile(r"SALUR_[A-Z_]*[A-Z]")
named = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@named
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if "://" not in target and not (page.parent / target).exists()]
    assert broken == []


@named
def test_every_file_that_is_named_is_there(page: Path) -> None:
    assert [name for name in FILE.findall(page.read_text()) if not (ROOT / name).exists()] == []


@named
def test_every_setting_that_is_named_can_be_set(page: Path) -> None:
    known = {str(row["name"]) for row in _settings()}
    assert set(SETTING.findall(page.read_text())) - known == set()


def test_the_rooms_of_the_way_are_there() -> None:
    rows = [row.split("|")[-2] for row in (ROOT / "docs" / "the-way.md").read_text().splitlines() if row.startswith("| ")]
    named_first = [re.findall(r"`([\w./-]+)`", cell) for cell in rows if "`" in cell]
    assert len(named_first) > 20
    for names in named_first:
        folder = ROOT  # a name without its folder stands in that of the one before
        for name in names:
            place = ROOT / name if (ROOT / name).exists() else folder / name
            assert place.exists(), name
            folder = place.parent if (ROOT / name).exists() else folder


@pytest.mark.parametrize(("language", "heading"), [("id", "# Untuk admin instansi"), ("en", "# For admins of agencies")])
def test_the_actions_of_the_admins_page_are_those_of_the_page_in_the_mail(language: str, heading: str) -> None:
    catalogue = json.loads((ROOT / "data" / "templates" / "page" / f"{language}.json").read_text())
    labels = {action["label"] for action in catalogue["actions"].values()}
    part = (ROOT / "docs" / "admins.md").read_text().split(heading)[1].split("\n# ")[0]
    rows = {row.split("|")[1].strip() for row in part.splitlines() if row.startswith("| ")}
    assert rows - {"tindakan", "action"} == labels
