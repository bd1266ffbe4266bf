"""The life of the process.

One thread reads what the server sends and answers at once what can be answered at once; the main thread loads the model
and works off the runs. The end of stdin and ``shutdown`` end the process within two seconds, model or no model.
"""

from __future__ import annotations

import queue
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

from fastvideo_worker import state_blobs
from fastvideo_worker.connection import Connection
from fastvideo_worker.environment import check_environment
from fastvideo_worker.failures import Failure, WorkerError, classify, one_line
from fastvideo_worker.framing import FramingError
from fastvideo_worker.process import die_with_parent, exit_now, leave_signals_to_server
from fastvideo_worker.run import Cancelled, Run, RunOver
from fastvideo_worker.stdio import Stdio

if TYPE_CHECKING:
    from fastvideo_worker.adapter import Model

PROTOCOL = 1
# The server kills what is still there after 3 s.
SHUTDOWN_SECONDS = 1.5
# How long FastVideo may take to notice that its process has died, before it is given up.
NOTICE_SECONDS = 5.0


def work() -> NoReturn:
    """Runs the worker; never comes back."""
    stdio = Stdio()
    try:
        die_with_parent()
        leave_signals_to_server()
        Worker(Connection(stdio.input_fd, stdio.output_fd), stdio).run()
    except BaseException:
        traceback.print_exc()
        stdio.drain(0.5)
        exit_now(1)


class Worker:
    def __init__(self, connection: Connection, stdio: Stdio) -> None:
        self._connection = connection
        self._stdio = stdio
        self._work: queue.SimpleQueue[dict[str, Any] | Run | None] = queue.SimpleQueue()
        self._started = False
        self._window_bytes = 0
        self._current: Run | None = None
        self._model: Model | None = None
        self._model_died = False

    def run(self) -> NoReturn:
        if hasattr(signal, "SIGQUIT"):
            signal.signal(signal.SIGQUIT, self._on_model_death)
        threading.Thread(target=self._read, name="server", daemon=True).start()
        try:
            while (item := self._work.get()) is not None:
                if isinstance(item, Run):
                    self._perform(item)
                elif item["type"] == "adapters":
                    self._adapt(item)
                else:
                    self._start(item)
            if self._model is not None:
                self._model.close()
        except BrokenPipeError:
            pass
        except BaseException:
            traceback.print_exc()
            self._leave(1)
        self._leave(0)

    # The reading thread.

    def _read(self) -> None:
        try:
            for header, payload in self._connection:
                if header.get("type") == "shutdown":
                    break
                self._receive(header, payload)
        except BrokenPipeError:
            pass
        except (FramingError, KeyError, TypeError, OSError) as error:
            print(f"The server sent something that is not the worker protocol: {error!r}", file=sys.stderr)
            self._leave(1)
        if self._current is not None:
            self._current.abandon()
        self._work.put(None)
        time.sleep(SHUTDOWN_SECONDS)
        self._leave(0)

    def _receive(self, header: dict[str, Any], payload: bytes) -> None:
        kind = header.get("type")
        run = self._current
        if kind == "ping":
            self._connection.send({"type": "pong", "id": header["id"]})
        elif kind == "start":
            self._started = True
            self._window_bytes = header["window_bytes"]
            self._work.put(header)
        elif kind == "adapters":
            self._work.put(header)
        elif kind == "run":
            self._accept(Run(self._connection, header, payload, self._window_bytes))
        elif run is not None and run.id == header.get("run_id"):
            if kind == "ack":
                run.acknowledge(header["bytes"])
            elif kind == "cancel":
                run.cancel()
            elif kind == "abandon":
                run.abandon()

    def _accept(self, run: Run) -> None:
        if not self._started:
            run.fail("internal_error", "The worker has not been started.", False)
        elif self._current is not None and not self._current.over:
            run.fail("internal_error", "The worker is busy with another run.", False)
        else:
            self._current = run
            # Said here and not when the work begins: the model may still be busy with a run that was stopped.
            steps = self._model.total_steps(run.request) if self._model else run.request["num_inference_steps"]
            self._connection.send({"type": "started", "run_id": run.id, "total_steps": steps})
            self._work.put(run)

    # The main thread.

    def _start(self, start: dict[str, Any]) -> None:
        try:
            if start["protocol"] != PROTOCOL:
                raise WorkerError(
                    f"The server speaks worker protocol {start['protocol']}, this worker {PROTOCOL}: "
                    "install the server and the worker from one release."
                )
            check_environment()
            from fastvideo_worker.adapter import Model

            model = self._model = Model.load(start)
        except BaseException as error:
            if not isinstance(error, WorkerError) or error.__cause__ is not None:
                traceback.print_exc()
            self._connection.send({"type": "start_failed", "message": one_line(error)})
            self._leave(1)
        self._connection.send(
            {
                "type": "ready",
                "protocol": PROTOCOL,
                "model_id": model.model_id,
                "streams_frames": False,
                "output": "frames",
                **model.hello(),
            }
        )

    def _adapt(self, header: dict[str, Any]) -> None:
        self._stdio.forget()
        try:
            if self._model is None:
                raise WorkerError("The model is not loaded.", "internal_error")
            self._model.adapters.apply(header["adapters"])
        except Exception as error:
            failure = self._classified(error)
            self._connection.send({"type": "adapters_failed", "id": header["id"], "message": failure.message})
            if failure.fatal:
                self._leave(1)
        else:
            self._connection.send({"type": "adapters_applied", "id": header["id"]})

    def _perform(self, run: Run) -> None:
        self._stdio.forget()
        try:
            if self._model is None:
                raise WorkerError("The model is not loaded.", "internal_error")
            run.check()
            self._model.generate(run, self._continuation(run))
            run.finish()
        except RunOver:
            pass
        except Cancelled:
            run.finish_cancelled()
        except Exception as error:
            self._report(run, error)
        if self._model_died:
            self._leave(1)
        if self._model is not None:
            # Behind the last message: nobody waits for it.
            self._model.give_back_memory()

    def _report(self, run: Run, error: Exception) -> None:
        self._fail(run, self._classified(error))

    def _classified(self, error: Exception) -> Failure:
        self._stdio.drain(1.0)
        failure = classify(error, self._stdio.last_exception(), self._model_died)
        if not isinstance(error, WorkerError):
            traceback.print_exc()
        return failure

    def _fail(self, run: Run, failure: Failure) -> None:
        run.fail(failure.code, failure.message, failure.retryable)
        if failure.fatal:
            self._leave(1)

    @staticmethod
    def _continuation(run: Run) -> tuple[str, dict[str, Any]] | None:
        state = run.request.get("continuation_state")
        if state is None:
            return None
        try:
            return state["kind"], state_blobs.unpack(state["payload"], run.payload)
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerError(f"The continuation state is damaged: {error}", "preset_mismatch") from None

    def _on_model_death(self, *_: object) -> None:
        """FastVideo's processes send SIGQUIT to their parent when one of them fails."""
        if self._model_died:
            return
        self._model_died = True
        threading.Thread(target=self._give_up, daemon=True).start()

    def _give_up(self) -> None:
        time.sleep(NOTICE_SECONDS)
        failure = classify(EOFError(), self._stdio.last_exception(), model_died=True)
        if self._current is not None:
            self._fail(self._current, failure)
        if not self._model:
            self._connection.send({"type": "start_failed", "message": failure.message})
        self._leave(1)

    def _leave(self, code: int) -> NoReturn:
        sys.stderr.flush()
        self._stdio.drain(0.3)
        exit_now(code)
