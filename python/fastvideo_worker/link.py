"""The worker's end of ``guard``: what FastVideo's own process tells of a run, and what a run gives it besides the request."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from fastvideo_worker import guard
from fastvideo_worker.failures import ModelError, one_line

# The last word about a run comes before its result, on another way.
END_SECONDS = 10.0
OnStep = Callable[[int, int, int], None]


class Link:
    """Around ``VideoGenerator.executor``. ``on_step`` of a run gets the stage (from 0), the step (from 1) and the stage's
    steps, from a thread of this class."""

    def __init__(self, executor: Any) -> None:
        self.description: dict[str, Any] = {}
        """What ``guard.describe`` gave; empty where there is no guard."""
        self._run = 0
        self._extra: dict[str, Any] = {}
        self._on_step: OnStep = lambda *_: None
        self._takes_output = False
        self._output: Any = None
        self._ended = threading.Event()
        self._connection: Any = None
        self._execute = executor.execute_forward
        self._install(executor)
        executor.execute_forward = self._execute_forward

    def begin(self, extra: dict[str, Any], on_step: OnStep, takes_output: bool) -> Callable[[], None]:
        """The next call of the executor is a run with these members of ``ForwardBatch.extra``. Gives what stops it, from
        any thread and at any time; a run that has ended takes no notice. ``takes_output``: the request asks for no frames,
        and what the decoder gave is kept for :meth:`output`."""
        self._run += 1
        self._takes_output = takes_output
        self._output = None
        self._extra = extra
        self._on_step = on_step
        run = self._run

        def stop() -> None:
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.send_bytes(json.dumps(["stop", run]).encode())

        return stop

    def output(self) -> Any:
        """What the decoder gave in this run, once; None where it was not kept."""
        output, self._output = self._output, None
        return output

    def _install(self, executor: Any) -> None:
        from multiprocessing.connection import Listener

        folder = tempfile.mkdtemp(prefix="fastvideo-worker-")
        address = os.path.join(folder, "model")
        try:
            with Listener(address, family="AF_UNIX") as listener:
                said = executor.collective_rpc(guard.install, args=(address,))[0]
                if not isinstance(said, dict) or "problem" in said:
                    print(f"FastVideo's process cannot be guarded: {said}", file=sys.stderr)
                    return
                # It has connected: this does not wait.
                self._connection = listener.accept()
            self.description = said
            threading.Thread(target=self._listen, name="model", daemon=True).start()
        except (OSError, AttributeError, NotImplementedError, ValueError) as error:
            print(f"FastVideo's process cannot be guarded: {one_line(error)}", file=sys.stderr)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(address)
            os.rmdir(folder)

    def _execute_forward(self, batch: Any, args: Any) -> Any:
        batch.extra.update(self._extra)
        batch.extra[guard.RUN_KEY] = self._run
        self._ended.clear()
        result = self._execute(self._asking_for_output(batch), args)
        if self._connection is not None:
            self._ended.wait(END_SECONDS)
        failure = (result.extra or {}).pop(guard.ERROR_KEY, None)
        if failure is not None:
            name, text = failure
            raise Stopped(text) if name == guard.STOPPED else ModelError(name, text)
        if self._takes_output:
            self._output = result.output
        return result

    def _asking_for_output(self, batch: Any) -> Any:
        """FastVideo's process gives the decoder's output to those only that want frames; ``VideoGenerator``, which keeps
        ``batch``, then makes none of it."""
        if not self._takes_output:
            return batch
        asking = copy.copy(batch)
        asking.return_frames = True
        return asking

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                kind, run, *rest = json.loads(self._connection.recv_bytes())
                if run != self._run:
                    continue
                if kind == "step":
                    self._on_step(*rest)
                elif kind == "end":
                    self._ended.set()
        self._ended.set()


class Stopped(Exception):
    """The run was stopped between two steps, as it was asked to."""
