"""Every snippet of every page runs as it stands, and does what the page says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docs.conftest import Desk
from tests.docs.effects import EFFECTS
from tests.docs.pages import PAGES, ROOT, Snippet, all_snippets, snippets

pytestmark = pytest.mark.long

MAKE = "make"
"""Snippets of this name start and stop whole stacks, which tests of their own do; here they are asked whether their targets are there."""


def runnable(page: Path) -> list[Snippet]:
    return [snippet for snippet in snippets(page) if snippet.name != MAKE]


def test_every_snippet_has_a_name_and_an_effect_that_is_tried() -> None:
    named = [(snippet.page, snippet.name) for snippet in all_snippets() if snippet.name != MAKE]
    assert len(set(named)) == len(named)
    assert set(named) == set(EFFECTS)


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=lambda page: page.stem)
async def test_the_snippets_of_a_page_run_and_do_what_it_says(desk: Desk, page: Path) -> None:
    said = await desk.copy_and_run(runnable(page))
    for snippet in runnable(page):
        try:
            await EFFECTS[page.stem, snippet.name](desk, said)
        except (AssertionError, ValueError, KeyError, TimeoutError) as error:
            error.add_note(f"the snippet `{snippet.name}` of {page.name} printed:\n{said[snippet.name]}")
            raise


@pytest.mark.parametrize("snippet", [snippet for snippet in all_snippets() if snippet.name == MAKE], ids=lambda snippet: snippet.page)
def test_a_target_that_a_page_names_is_there(snippet: Snippet) -> None:
    commands = [line.split("#")[0].split() for line in snippet.text.splitlines()]
    assert commands
    for command in commands:
        assert command[0] == "make"
        subprocess.run([*command, "-n"], cwd=ROOT, check=True, capture_output=True)
