"""Kafka's jars: none runs that is not the one the lock names."""

from pathlib import Path

import pytest

from deploy.local.errors import LocalError
from deploy.local.jars import Jar, ensure_jars, read_lock

SMALL = "org.jspecify:jspecify"


@pytest.fixture
def jar() -> Jar:
    return next(jar for jar in read_lock() if f"{jar.group}:{jar.artifact}" == SMALL)


def quiet(_: str) -> None:
    pass


def test_the_lock_names_46_files_each_with_its_hash() -> None:
    jars = read_lock()
    assert len({jar.file_name for jar in jars}) == 46
    assert all(len(jar.sha256) == 64 for jar in jars)


def test_a_file_that_was_changed_in_the_cache_is_replaced_and_a_stray_one_removed(tmp_path: Path, jar: Jar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M2_REPO", str(tmp_path / "maven"))
    libs = ensure_jars(tmp_path, quiet, (jar,))
    right = (libs / jar.file_name).read_bytes()
    (libs / jar.file_name).write_bytes(b"changed")  # the hard link: Maven's copy is changed as well
    (libs / "older-1.0.jar").write_bytes(b"left by an older lock")
    ensure_jars(tmp_path, quiet, (jar,))
    assert {path.name for path in libs.iterdir()} == {jar.file_name}
    assert (libs / jar.file_name).read_bytes() == right


def test_a_file_with_another_hash_is_refused(tmp_path: Path, jar: Jar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M2_REPO", str(tmp_path / "maven"))
    wrong = Jar(jar.group, jar.artifact, jar.version, "0" * 64)
    with pytest.raises(LocalError, match="SHA-256"):
        ensure_jars(tmp_path, quiet, (wrong,))
    assert not (tmp_path / "kafka-libs" / jar.file_name).exists()
