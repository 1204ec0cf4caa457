"""Who says what to whom is written once and holds everywhere."""

import importlib
import inspect
import pkgutil
from datetime import timedelta

import pytest

import schemas
from schemas.base import Data
from schemas.registry import EVENTS, Entry, model_of, newer_major, split_version
from schemas.topics import TOPICS

SUBMITTED = "salur.complaint.submitted"
ENTRIES = [pytest.param(entry, id=entry.type) for entry in EVENTS.values()]


def test_every_model_that_names_a_type_is_registered() -> None:
    found = set()
    for module in pkgutil.walk_packages(schemas.__path__, "schemas."):
        if not module.name.endswith("__main__"):
            members = vars(importlib.import_module(module.name)).values()
            found |= {kind for kind in members if inspect.isclass(kind) and issubclass(kind, Data)}
    said = {kind for kind in found if getattr(kind, "TYPE", "").startswith("salur.")}
    assert said == {entry.model for entry in EVENTS.values()}


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_first_line_of_an_events_file_names_its_declared_readers(entry: Entry) -> None:
    module = importlib.import_module(entry.model.__module__)
    assert module.__doc__ is not None
    readers = module.__doc__.splitlines()[0].split(":")[0]
    assert readers.startswith(f"Read by {', '.join(entry.readers)}" if entry.readers else "Read by nobody inside")


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_file_of_an_event_is_called_after_its_speaker_thing_and_fact(entry: Entry) -> None:
    thing = entry.type.removeprefix("salur.").removeprefix("reference.")
    assert entry.model.__module__.rsplit(".", 1)[1] == thing.replace(".", "_")


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_event_is_said_on_a_topic_that_exists(entry: Entry) -> None:
    assert entry.topic in TOPICS
    assert entry.type == entry.model.TYPE
    assert model_of(entry.type) is entry.model


def test_an_unknown_type_has_no_model() -> None:
    with pytest.raises(KeyError):
        model_of("salur.complaint.forgotten.v1")


def test_identity_leaves_the_topic_of_submissions_after_a_week() -> None:
    assert TOPICS["salur.submissions"].retention == timedelta(days=7)
    kept = {"cleanup.policy": "delete", "retention.ms": "604800000"}
    assert TOPICS["salur.submissions"].config().items() >= kept.items()


def test_everything_is_kept_uncompressed_and_what_strangers_write_by_the_brokers_own_time() -> None:
    for topic in TOPICS.values():
        config = topic.config()
        told = (config.get("compression.type"), config.get("message.timestamp.type"))
        assert told == ("uncompressed", "LogAppendTime" if topic.direction == "in" else None), topic.name


def test_the_directory_is_compacted() -> None:
    assert TOPICS["salur.reference"].config() == {"cleanup.policy": "compact", "compression.type": "uncompressed"}


@pytest.mark.parametrize(
    ("type_", "split"),
    [
        (f"{SUBMITTED}.v1", (SUBMITTED, 1)),
        (f"{SUBMITTED}.v12", (SUBMITTED, 12)),
        (SUBMITTED, None),
        (f"{SUBMITTED}.v0", None),
        (f"{SUBMITTED}.v01", None),
        (f"{SUBMITTED}.v1\n", None),
        (f"{SUBMITTED}.v\u0661", None),
        (".v1", None),
        ("", None),
    ],
)
def test_a_type_is_a_name_and_a_major_version(type_: str, split: tuple[str, int] | None) -> None:
    assert split_version(type_) == split


@pytest.mark.parametrize(("version", "newer"), [("v0", False), ("v1", False), ("v2", True), ("v999", True), ("vnext", False)])
def test_a_later_major_version_of_a_known_type_is_told_from_an_unknown_type(version: str, newer: bool) -> None:
    assert newer_major(f"{SUBMITTED}.{version}") is newer
    assert newer_major(f"salur.complaint.forgotten.{version}") is False


def test_a_later_version_counts_only_among_the_types_that_a_reader_takes() -> None:
    assert newer_major(f"{SUBMITTED}.v2", [f"{SUBMITTED}.v1"])
    assert not newer_major(f"{SUBMITTED}.v2", [f"{SUBMITTED}.v1", f"{SUBMITTED}.v2"])
    assert not newer_major(f"{SUBMITTED}.v2", ["salur.case.verify.v1"])
