"""Apache Kafka's jars: fetched one by one as the lock says, each checked by its SHA-256 on every start."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver

from deploy.local.errors import AwayError, LocalError

LOCK = Path(__file__).with_name("kafka-jars.lock")
THREADS = 8
TIMEOUT_SECONDS = 60

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Return the name under which Maven knows the file."""
        return f"{self.artifact}-{self.version}.jar"


def read_lock(lock: Path = LOCK) -> tuple[Jar, ...]:
    """Return the jars of the lock file, in its order."""
    lines = (line.strip() for line in lock.read_text().splitlines())
    return tuple(_parse(line) for line in lines if line and not line.startswith("#"))


def ensure_jars(cache: Path, progress: Progress, jars: tuple[Jar, ...] | None = None) -> Path:
    """Return the folder with exactly the right jars; downloads what is missing (43 MB the first time).

    Raises:
        AwayError: the package registry cannot be reached.
        LocalError: a file is not the one that the lock names.
    """
    wanted = read_lock() if jars is None else jars
    libs = cache / "kafka-libs"
    libs.mkdir(parents=True, exist_ok=True)
    with exclusive(libs.with_suffix(".lock")):
        missing = [jar for jar in wanted if _sha256(libs / jar.file_name) != jar.sha256]
        if missing:
            _fetch_all(missing, libs, progress)
        # Java is given the whole folder: what an older lock left there must not be loaded.
        names = {jar.file_name for jar in wanted}
        for stray in (path for path in libs.iterdir() if path.name not in names):
            stray.unlink()
    return libs


def _fetch_all(jars: list[Jar], libs: Path, progress: Progress) -> None:
    context = MavenContext(resolver=PythonResolver(), timeout=TIMEOUT_SECONDS)
    progress(f"Kafka: fetching {len(jars)} jars")
    # Other checkouts on this machine share Maven's cache, and its download is not atomic.
    context.repo_cache.mkdir(parents=True, exist_ok=True)
    with exclusive(context.repo_cache / ".salur.lock"), ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(lambda jar: _fetch(context, jar, libs), jars), start=1):
            progress(f"Kafka: jar {done} of {len(jars)}")


def _fetch(context: MavenContext, jar: Jar, libs: Path) -> None:
    path = _resolve(context, jar)
    if _sha256(path) != jar.sha256:  # half a download of a process that was killed, most likely: once more
        path.unlink()
        path = _resolve(context, jar)
    if _sha256(path) != jar.sha256:
        raise LocalError(f"{jar.file_name} is not the file that {LOCK.name} names (its SHA-256 differs), so it is not used.")
    _link(path, libs / jar.file_name)


def _resolve(context: MavenContext, jar: Jar) -> Path:
    try:
        path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (requests.RequestException, RuntimeError) as error:
        raise AwayError(f"Cannot fetch {jar.file_name} for Kafka: is the network there? ({type(error).__name__})") from error
    return path


def _link(source: Path, target: Path) -> None:
    """Put the file in place at once, as a hard link where the file system can."""
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except OSError:
        shutil.copyfile(source, fresh)
    fresh.replace(target)


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _parse(line: str) -> Jar:
    coordinate, sha256 = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(group, artifact, version, sha256)


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a lock file against other processes; the kernel lets go of it when this one dies."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
