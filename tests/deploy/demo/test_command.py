"""The command itself, in small: it proves itself, leaves its report, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.settings import LocalSettings

pytestmark = pytest.mark.long

SPEED = "120000"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ports = LocalSettings.with_free_ports(data=tmp_path / "unused")
    spelled = {f"SALUR_{name.upper()}": str(port) for name, port in ports.model_dump().items() if name.endswith("_port") and port}
    known = {"SALUR_DATA": str(tmp_path / "data"), "SALUR_DEMO_OUT": str(tmp_path / "out"), "SPEED": SPEED, "CASES": "20", "SEED": "3"}
    return os.environ | spelled | known


def running(data: Path) -> list[str]:
    """Return the processes that still belong to a demo with this data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            belongs = str(data).encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            found += [(entry / "cmdline").read_text()] if belongs and int(entry.name) != os.getpid() else []
        except OSError:
            continue
    return found


@pytest.mark.timeout(280)
def test_a_small_demo_proves_itself_and_leaves_a_report_and_nothing_running(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "deploy.demo"], check=False, env=environment, capture_output=True, text=True, timeout=260)
    assert "All of it holds." in done.stdout, done.stdout[-5_000:] + done.stderr[-2_000:]
    assert done.returncode == 0
    assert "Semua terbukti" in (tmp_path / "out" / "report.html").read_text()
    assert len(list((tmp_path / "out" / "mails").iterdir())) > 20
    assert running(tmp_path / "data") == []


@pytest.mark.timeout(180)
def test_an_interrupted_demo_leaves_nothing_running(environment: dict[str, str], tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-m", "deploy.demo"], env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if " sent, " in line:
                break
        time.sleep(1)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(90) == 130
    assert running(tmp_path / "data") == []


def test_a_wrong_setting_is_one_sentence_and_wrong_use(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo"], check=False, env=environment | {"SPEED": "fast"}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "SPEED" in done.stderr
    assert "Traceback" not in done.stderr
