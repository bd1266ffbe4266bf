"""One run as the server sees it: what may be sent, and when it is over.

Two threads meet here. The main thread, which works, gives steps, frames, sound and states; the thread that reads from
the server acknowledges, cancels and abandons. A model that is computing is stopped between two of its steps at best: a run
that is stopped meanwhile ends for the server at once, and what the model makes of it later is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fastvideo_worker import state_blobs
from fastvideo_worker.connection import Bytes, Connection


class RunOver(Exception):
    """Nobody waits for this run any more."""


class Cancelled(Exception):
    """The run ends here, between two frames; its state may still be sent, then :meth:`Run.finish`."""


class Run:
    """``header`` and ``payload`` are those of the ``run`` message; ``window_bytes`` may be sent without an ``ack``."""

    def __init__(self, connection: Connection, header: dict[str, Any], payload: bytes, window_bytes: int) -> None:
        self.id: int = header["run_id"]
        self.request: dict[str, Any] = header["request"]
        self.payload = payload
        self._connection = connection
        self._window = window_bytes
        self._under_way = 0
        self._frames = 0
        self._cancelled = False
        self._over = False
        self._stop: Callable[[], None] | None = None
        self._change = threading.Condition()

    @property
    def frames(self) -> int:
        """Frames given so far."""
        return self._frames

    @property
    def over(self) -> bool:
        return self._over

    # The main thread.

    def check(self) -> None:
        """Between two pieces of work. Raises :class:`Cancelled` or :class:`RunOver` when the run is to end here."""
        if self._over:
            raise RunOver
        if self._cancelled:
            raise Cancelled

    def when_stopped(self, stop: Callable[[], None]) -> None:
        """``stop`` is called, from the reading thread, when the run is to end while the model computes; at once when it
        was stopped before."""
        with self._change:
            self._stop = stop
            stopped = self._over or self._cancelled
        if stopped:
            stop()

    def step(self, step: int, total_steps: int, stage: str) -> None:
        self._send({"type": "step", "step": step, "total_steps": total_steps, "stage": stage})

    def audio_format(self, sample_rate: int, channels: int) -> None:
        """Before the first frame."""
        self._send({"type": "audio_format", "audio": {"sample_rate": sample_rate, "channels": channels}})

    def frame(self, rgb: Bytes) -> None:
        """Waits until the server has room. Raises :class:`Cancelled` when the run is to end before this frame."""
        self._take_credit(len(rgb), stop_for_cancel=True)
        self._send({"type": "frame"}, rgb, frames=1)

    def audio(self, samples: Bytes) -> None:
        """The sound of the frame given last, so that both end together: a cancel does not hold it back."""
        self._take_credit(len(samples), stop_for_cancel=False)
        self._send({"type": "audio"}, samples)

    def state(self, kind: str, payload: dict[str, Any]) -> None:
        packed, blobs = state_blobs.pack(payload)
        self._send({"type": "state", "state": {"kind": kind, "payload": packed}}, *blobs)

    def finish(self) -> None:
        """``cancelled`` only if the cancel cut something off: the caller says so by having caught it."""
        self._end({"type": "done", "frames": self._frames, "cancelled": False})

    def finish_cancelled(self) -> None:
        self._end({"type": "done", "frames": self._frames, "cancelled": True})

    def fail(self, code: str, message: str, retryable: bool) -> None:
        self._end({"type": "failed", "code": code, "message": message, "retryable": retryable})

    # The reading thread.

    def acknowledge(self, size: int) -> None:
        with self._change:
            self._under_way = max(0, self._under_way - size)
            self._change.notify_all()

    def cancel(self) -> None:
        """Takes effect at the next frame or step; at once as long as no frame was given."""
        with self._change:
            self._cancelled = True
            self._change.notify_all()
            if self._frames == 0:
                self._end_locked({"type": "done", "frames": 0, "cancelled": True})
        self._stop_model()

    def abandon(self) -> None:
        with self._change:
            message = "The run was abandoned."
            self._end_locked({"type": "failed", "code": "interrupted", "message": message, "retryable": True})
        self._stop_model()

    def _stop_model(self) -> None:
        with self._change:
            stop = self._stop
        if stop is not None:
            stop()

    # Both.

    def _take_credit(self, size: int, stop_for_cancel: bool) -> None:
        with self._change:
            while not self._over:
                if stop_for_cancel and self._cancelled:
                    raise Cancelled
                if self._under_way == 0 or self._under_way + size <= self._window:
                    self._under_way += size
                    return
                self._change.wait()
        raise RunOver

    def _send(self, message: dict[str, Any], *payload: Bytes, frames: int = 0) -> None:
        with self._change:
            if self._over:
                raise RunOver
            self._connection.send({**message, "run_id": self.id}, *payload)
            self._frames += frames

    def _end(self, message: dict[str, Any]) -> None:
        with self._change:
            self._end_locked(message)

    def _end_locked(self, message: dict[str, Any]) -> None:
        if self._over:
            return
        self._over = True
        self._connection.send({**message, "run_id": self.id})
        self._change.notify_all()
