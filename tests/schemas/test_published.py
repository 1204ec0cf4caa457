"""What is published is what the models say."""

from pathlib import Path

import orjson
import pytest

from schemas.__main__ import PUBLISHED, RELEASED, incompatible, main, rendered, stale, write
from schemas.publish import asyncapi
from schemas.registry import EVENTS
from schemas.topics import TOPICS


def test_the_published_schemas_are_fresh_and_compatible_with_what_was_released() -> None:
    assert stale() == []
    assert list(incompatible()) == []


def test_a_changed_a_missing_and_a_surplus_file_are_stale(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "salur.receipt.v1.json").write_bytes(b"{}\n")
    (tmp_path / "salur.case.routed.v1.json").unlink()
    (tmp_path / "salur.case.forgotten.v1.json").write_bytes(b"{}\n")
    assert stale(tmp_path) == ["salur.case.forgotten.v1.json", "salur.case.routed.v1.json", "salur.receipt.v1.json"]
    write(tmp_path)
    assert stale(tmp_path) == []


def test_a_folder_that_is_not_there_is_stale_in_all_its_files(tmp_path: Path) -> None:
    assert stale(tmp_path / "nowhere") == sorted(rendered())


def test_a_released_type_may_not_vanish_or_lose_a_field(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    folder.mkdir()
    (folder / "salur.case.forgotten.v1.json").write_bytes(b"{}")
    schema = orjson.loads((PUBLISHED / "salur.case.verified.v1.json").read_bytes())
    schema["properties"]["ward"] = {"type": "string"}
    (folder / "salur.case.verified.v1.json").write_bytes(orjson.dumps(schema))
    assert list(incompatible(tmp_path)) == [
        "v1: salur.case.forgotten.v1: was released and is gone",
        "v1: salur.case.verified.v1: /ward: was removed (readers and senders rely on it)",
    ]


def test_every_release_is_a_folder_of_type_files() -> None:
    folders = [path for path in RELEASED.iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        assert all(path.stem.startswith("salur.") for path in folder.iterdir())


@pytest.mark.parametrize("arguments", [[], ["wrote"], ["check", "twice"]])
def test_wrong_use_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "compat"])
def test_the_repository_passes_its_own_command(command: str) -> None:
    assert main([command]) == 0


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi({})
    published = set(rendered())

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                reference = node["$ref"]
                if reference.startswith("#/"):
                    kind, name = reference.removeprefix("#/").removeprefix("components/").split("/", 1)
                    assert name in (document.get(kind) or document["components"][kind])
                else:
                    assert reference in published
            for child in node.values():
                walk(child)

    walk(document)
    assert set(document["channels"]) == set(TOPICS)


def test_the_restricted_channel_lists_all_that_is_said_of_a_case() -> None:
    messages = asyncapi({})["channels"]["salur.restricted"]["messages"]
    of_a_case = {type_ for type_, entry in EVENTS.items() if not entry.inbound and "case_id" in entry.model.model_fields}
    assert set(messages) == of_a_case - {"salur.receipt.v1"}
