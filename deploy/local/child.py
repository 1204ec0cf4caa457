"""Become another program that cannot outlive its parent; run as a script: `child.py SIGNAL PARENT UID GID PROGRAM ARGUMENT…`.

A program of its own and not a `preexec_fn`, which is unsafe in a process with threads. Only the standard library is
imported, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 125


def main(arguments: list[str]) -> None:
    """Drop privileges when a user is given (uid not -1), ask for SIGNAL at the parent's death, and exec."""
    death_signal, parent, uid, gid = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user: the kernel clears the request when credentials change.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(PARENT_IS_GONE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
