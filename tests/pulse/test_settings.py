"""Broken settings stop pulse before anything starts, with one sentence that names the setting."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.long

BROKEN = {
    "SALUR_PULSE_PORT": ("-1", "99999", "x"),
    "SALUR_PULSE_CALENDAR": ("/nowhere", "README.md"),
    "SALUR_PULSE_NEWS_HOURS": ("inf", "nan", "1e99", "0"),
    "SALUR_PULSE_RATIO": ("inf", "nan", "1"),
    "SALUR_PULSE_SHORT_MINUTES": ("7", "60"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BROKEN.items() for value in values])
def test_a_broken_setting_is_named_in_one_sentence(name: str, value: str) -> None:
    command = [sys.executable, "-m", "services.pulse"]
    done = subprocess.run(command, env=os.environ | {name: value}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert done.stderr.count("\n") == 1
