"""Who owns the standard streams.

The protocol's bytes have descriptors of their own, which no child process inherits. Descriptor 0 is /dev/null then, and
whatever is printed, by a library or by a process that it starts, goes to stderr. On its way there the last lines are
kept: an exception in one of FastVideo's processes shows nowhere else.
"""

from __future__ import annotations

import os
import re
import select
import sys
import threading
import time
from collections import deque

_EXCEPTION = re.compile(r"(?:^|\s)((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception))(?:: (.*))?$")


class Stdio:
    """Takes the standard streams over. Construct it once, before anything else is imported or started."""

    def __init__(self) -> None:
        self.input_fd = os.dup(0)
        self.output_fd = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        self._stderr_fd = os.dup(2)
        self._read_fd, write_fd = os.pipe()
        os.dup2(write_fd, 1)
        os.dup2(write_fd, 2)
        os.close(write_fd)
        # New ones: the old remember whether their file could seek.
        sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)
        self._lines: deque[str] = deque(maxlen=400)
        self._rest = ""
        self._forwarding = threading.Lock()
        threading.Thread(target=self._forward, name="stderr", daemon=True).start()

    def forget(self) -> None:
        """Lines from before this call say nothing about what comes."""
        self._lines.clear()

    def last_exception(self) -> str | None:
        """The last line that names an exception, e.g. ``torch.OutOfMemoryError: CUDA out of memory. ...``."""
        for line in reversed(self._lines):
            match = _EXCEPTION.search(line.rstrip())
            if match:
                name, text = match.groups()
                return f"{name}: {text}" if text else name
        return None

    def drain(self, seconds: float) -> None:
        """Waits, not longer than ``seconds``, until all that was printed has reached stderr."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._forwarding:
                if not select.select([self._read_fd], [], [], 0)[0]:
                    return
            time.sleep(0.005)

    def _forward(self) -> None:
        while True:
            select.select([self._read_fd], [], [])
            with self._forwarding:
                chunk = os.read(self._read_fd, 65536)
                if not chunk:
                    return
                *lines, self._rest = (self._rest + chunk.decode(errors="replace")).split("\n")
                self._rest = self._rest[-10_000:]
                self._lines.extend(lines)
                try:
                    view = memoryview(chunk)
                    while view:
                        view = view[os.write(self._stderr_fd, view) :]
                except OSError:
                    pass  # Nobody reads stderr any more; the work goes on.
