"""What the supervisor does when something dies, itself included."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from deploy.local.errors import AwayError, LocalError
from deploy.local.managed import RestartPolicy
from deploy.local.plan import Service
from deploy.local.process import Identity, end, processes_in
from deploy.local.settings import LocalSettings
from deploy.local.state import StackState
from deploy.local.supervisor import Stack

pytestmark = pytest.mark.long

Eventually = Callable[..., Awaitable[None]]
MakeService = Callable[..., Service]
# A supervisor in a process of its own, to be killed: arguments are the kinds of service to run.
SUPERVISOR = """
import asyncio, sys
from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack

settings = LocalSettings()
environment = {"SALUR_PORT": str(settings.intake_port), "SALUR_POSTGRES_URL": "none"}
service = Service("intake", (sys.executable, sys.argv[1], "stubborn"), settings.intake_port, environment)

async def main():
    await Stack(settings, parts={"postgres", "mailbox", "services"}, services=(service,)).start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


def identities(data: Path) -> dict[str, Identity]:
    state = StackState.read(data)
    return {} if state is None else {process.name: Identity(process.pid or 0, process.born or 0) for process in state.processes}


async def test_a_service_that_is_killed_is_started_again_at_once(settings: LocalSettings, service: MakeService, eventually: Eventually) -> None:
    stack = Stack(settings, parts={"services"}, services=(service(),))
    await stack.start()
    try:
        managed = stack.process("intake")
        before, killed_at = managed.pid, time.monotonic()
        managed.kill()
        await eventually(lambda: managed.pid not in (before, None))
        assert time.monotonic() - killed_at < 1.0
        await eventually(lambda: managed.ready)
        assert managed.restarts == 1
    finally:
        await stack.stop()


async def test_a_service_that_only_dies_is_given_up_and_the_state_says_so(
    settings: LocalSettings, service: MakeService, eventually: Eventually
) -> None:
    policy = RestartPolicy(first_delay_seconds=0.01, limit=2)
    stack = Stack(settings, parts={"services"}, services=(service(),), policy=policy)
    await stack.start()
    try:
        managed = stack.process("intake")
        for deaths in range(1, 4):
            managed.kill()
            await eventually(lambda deaths=deaths: managed.deaths == deaths and (managed.ready or managed.problem))
        state = orjson.loads((settings.data / "state.json").read_bytes())
        assert "died 3 times in a row" in state["processes"][0]["problem"]
        assert state["processes"][0]["ready"] is False
        assert state["processes"][0]["pid"] is None
    finally:
        await stack.stop()


async def test_a_start_that_cannot_succeed_fails_with_the_end_of_the_log_and_leaves_nothing(settings: LocalSettings, service: MakeService) -> None:
    good = service(name="routing", port=settings.routing_port)
    stack = Stack(settings, parts={"services"}, services=(good, service("broken")))
    with pytest.raises(LocalError, match="broken on purpose"):
        await stack.start()
    assert stack.process("routing").pid is None
    assert stack.phase == "failed"


async def test_a_stopped_part_is_down_the_moment_its_stop_returns(settings: LocalSettings, service: MakeService) -> None:
    stack = Stack(settings, parts={"services"}, services=(service(),))
    await stack.start()
    managed = stack.process("intake")
    try:
        for _ in range(6):
            await managed.stop()
            assert (managed.ready, managed.pid) == (False, None)
            managed.start()
            await managed.wait_ready(30.0)
            assert managed.pid is not None
    finally:
        await stack.stop()


async def test_two_replicas_listen_a_hundred_ports_apart(settings: LocalSettings, service: MakeService) -> None:
    stack = Stack(settings.model_copy(update={"replicas": 2}), parts={"services"}, services=(service(),))
    await stack.start()
    try:
        assert stack.addresses == {
            "intake": f"http://127.0.0.1:{settings.intake_port}",
            "intake-2": f"http://127.0.0.1:{settings.intake_port + 100}",
        }
        assert stack.process("intake", 2).ready
    finally:
        await stack.stop()


async def test_a_port_taken_by_others_is_named_with_the_setting_that_moves_it(settings: LocalSettings) -> None:
    sentence = rf"Port {settings.postgres_port} .*SALUR_POSTGRES_PORT"
    with socket.create_server(("127.0.0.1", settings.postgres_port)), pytest.raises(AwayError, match=sentence) as caught:
        await Stack(settings, parts={"postgres"}).start()
    assert caught.value.exit_code == 3


async def test_stores_that_are_there_already_are_used_and_asked_first(settings: LocalSettings) -> None:
    existing = settings.model_copy(update={"postgres_owner_url": "postgresql://o:secret@127.0.0.1:1/salur"})
    with pytest.raises(AwayError, match="SALUR_POSTGRES_OWNER_URL") as caught:
        await Stack(existing, parts={"postgres"}, existing_seconds=0.1).start()
    assert "secret" not in str(caught.value)


async def test_services_learn_their_database_but_neither_the_owner_nor_the_clock(settings: LocalSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SALUR_POSTGRES_OWNER_URL", "SALUR_CLOCK_SPEED"):
        monkeypatch.setenv(name, "secret")
    settings.secrets_folder.mkdir(parents=True)
    (settings.secrets_folder / "postgres-intake.url").write_text("postgresql://its-own\n")
    said = "import os; [print(n, v) for n, v in os.environ.items() if n.startswith('SALUR')]; import time; time.sleep(60)"
    stack = Stack(settings, parts={"services"}, services=(Service("intake", (sys.executable, "-c", said), None),))
    await stack.start()
    await asyncio.sleep(0.5)
    await stack.stop()
    log = (settings.logs_folder / "intake.log").read_text()
    assert "SALUR_POSTGRES_URL postgresql://its-own\n" in log
    assert f"SALUR_KAFKA_BOOTSTRAP 127.0.0.1:{settings.kafka_port}\n" in log
    assert "SALUR_REPLICA 1\n" in log
    assert "secret\n" not in log


async def test_nothing_outlives_a_killed_supervisor_but_what_refuses_and_the_next_start_ends_that(
    settings: LocalSettings, environment: dict[str, str], eventually: Eventually
) -> None:
    program = str(Path(__file__).with_name("program.py"))
    first = await asyncio.create_subprocess_exec(sys.executable, "-c", SUPERVISOR, program, env=environment)
    await eventually(lambda: (state := StackState.read(settings.data)) is not None and state.phase == "up", 40)
    before = identities(settings.data)
    assert {name for name, process in before.items() if process.alive} == {"postgres", "mailbox", "intake"}
    first.send_signal(signal.SIGKILL)
    await first.wait()
    await eventually(lambda: not before["postgres"].alive and not before["mailbox"].alive)
    assert processes_in(settings.data / "postgres", "postgres") == []
    assert before["intake"].alive  # it ignores SIGTERM
    stack = Stack(settings, parts={"postgres"})
    try:
        await stack.start()
        assert not before["intake"].alive
    finally:
        await stack.stop()
        end(before["intake"], signal.SIGKILL, 1)
