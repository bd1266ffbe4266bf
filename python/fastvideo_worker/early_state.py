"""The state of a run, made beside the delivery of its frames."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

State = dict[str, Any]


class EarlyState:
    """Of one run. Made for all of its frames, as most runs send them: what a cancel cuts short is not taken."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._made: Future[State | None] | None = None

    def begin(self, make: Callable[[], State | None]) -> None:
        self._thread = ThreadPoolExecutor(1, "state")
        self._made = self._thread.submit(make)

    def take(self) -> State | None:
        """Waits for it. Raises what ``make`` raised."""
        return None if self._made is None else self._made.result()

    def end(self) -> None:
        """Waits until nothing of the run is used any more."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)
        self._made = None
