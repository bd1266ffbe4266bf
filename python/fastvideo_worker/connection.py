"""Messages on two file descriptors. Sending is safe from any thread; one thread alone receives."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from typing import Any

from fastvideo_worker.framing import encode, read_message

Bytes = bytes | bytearray | memoryview


class Connection:
    """The pipe to the server. A broken one raises ``BrokenPipeError`` on sending and ends the iteration."""

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self._input = io.BufferedReader(io.FileIO(input_fd, "rb"), buffer_size=256 * 1024)
        self._output_fd = output_fd
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        while (message := read_message(self._input.read)) is not None:
            yield message

    def send(self, header: dict[str, Any], *payload: Bytes) -> None:
        """Writes one message whole; ``payload`` parts go one behind the other."""
        parts = [memoryview(part).cast("B") for part in payload]
        head = encode(header, sum(len(part) for part in parts))
        with self._lock:
            for part in (memoryview(head), *parts):
                while part:
                    part = part[os.write(self._output_fd, part) :]
