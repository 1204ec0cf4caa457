"""Starts a service whose failpoints are armed: `after_commit=kill@3` dies at the third pass."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from chassis import failpoints
from chassis.failpoints import Point


def arm(wanted: str) -> None:
    """Replace `reach`: the point, what to do there (kill, stop, raise), and at which pass."""
    name, _, rest = wanted.partition("=")
    action, _, pass_ = rest.partition("@")
    left = int(pass_ or 1)

    def reach(point: Point) -> None:
        nonlocal left
        if point.value != name:
            return
        left -= 1
        if left != 0:
            return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif action == "raise":
            raise ConnectionResetError(name)
        time.sleep(0)

    failpoints.reach = reach


def failing(failpoint: str | None, main: Callable[[], None]) -> None:
    """Run a service; none of its failpoints, or one, is armed."""
    if failpoint is not None:
        arm(failpoint)
    main()
