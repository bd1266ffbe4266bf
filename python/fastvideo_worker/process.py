"""Never an orphan: the process ends with the server, and FastVideo's own processes end with it."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """On Linux the kernel kills this process when the server dies, whatever it is doing then."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def leave_signals_to_server() -> None:
    """A Ctrl-C in the terminal may reach every process; the server decides when this one stops.

    Handlers that do nothing, and not ``SIG_IGN``: that would be inherited by FastVideo's processes, which are stopped
    with these very signals.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


def exit_now(code: int) -> NoReturn:
    """Ends the process at once, whatever its other threads do; FastVideo's processes are killed before."""
    with contextlib.suppress(Exception):
        for child in multiprocessing.active_children():
            child.kill()
    os._exit(code)
