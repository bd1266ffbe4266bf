"""The server's side of the protocol, for the tests: a worker process over real pipes."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import numpy as np

from fastvideo_worker.png import encode_png

PYTHON = Path(__file__).resolve().parent.parent
STAND_IN = PYTHON / "tests" / "stand_in"
WINDOW = 1 << 20
#: Ends a hang. Never says how fast something is.
HANG_SECONDS = 240

REQUEST = {
    "prompt": "a red fox",
    "seed": 7,
    "width": 32,
    "height": 32,
    "fps": 24,
    "num_frames": 25,
    "num_inference_steps": 4,
    "guidance_scale": 1,
}


class Message(dict):
    """A header with its payload."""

    payload = b""


class WorkerProcess:
    """Acknowledges all payload as it comes, unless ``acknowledges`` is false."""

    def __init__(
        self, command: list[str] | None = None, env: dict[str, str] | None = None, window: int = WINDOW
    ) -> None:
        self.window = window
        self.acknowledges = True
        self.folder = tempfile.TemporaryDirectory()
        self.record = Path(tempfile.mkstemp(suffix=".jsonl")[1])
        self.stderr_path = Path(tempfile.mkstemp(suffix=".log")[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PYTHON), str(STAND_IN)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "STAND_IN_RECORD": str(self.record),
            **(env or {}),
        }
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                command or [sys.executable, "-m", "fastvideo_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                start_new_session=True,
            )
        self._messages: Queue[Message | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.folder.cleanup()
        self.record.unlink()
        self.stderr_path.unlink()

    @property
    def stderr(self) -> str:
        return self.stderr_path.read_text()

    def wait_for_stderr(self, text: str) -> None:
        """The worker passes on what its libraries print from a thread of its own, behind its messages."""
        end = time.monotonic() + HANG_SECONDS
        while text not in self.stderr:
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} did not come in {HANG_SECONDS} s; stderr:\n{self.stderr}")
            time.sleep(0.01)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        text = json.dumps(header).encode()
        self.process.stdin.write(struct.pack(">II", len(text), len(payload)) + text + payload)
        self.process.stdin.flush()

    def receive(self) -> Message:
        try:
            message = self._messages.get(timeout=HANG_SECONDS)
        except Empty:
            raise AssertionError(f"Nothing came for {HANG_SECONDS} s; stderr:\n{self.stderr}") from None
        if message is None:
            raise AssertionError(f"The worker has ended; stderr:\n{self.stderr}")
        return message

    def receive_type(self, kind: str) -> Message:
        while True:
            message = self.receive()
            if message["type"] == kind:
                return message

    def quiet(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        try:
            self._messages.get(timeout=seconds)
        except Empty:
            return True
        return False

    def start(self, **changes: Any) -> Message:
        message = {
            "type": "start",
            "protocol": 1,
            "worker_id": "w0",
            "gpu_id": 0,
            "generator": {"model_path": "FastVideo/LTX2-Distilled-Diffusers", "backend": "python"},
            "default_request": {"sampling": {"num_frames": 25}},
            "conditioning": {"num_frames": 9, "end_offset": 0, "enable_audio_reencode": True},
            "mock": {"sleep_ms": 0, "audio": True},
            "encoder": {
                "preset": "ultrafast",
                "pixel_format": "yuv420p",
                "fragment_duration_ms": 500,
                "extra_args": [],
            },
            "usual_request": {"width": 32, "height": 32, "fps": 24},
            "window_bytes": self.window,
        }
        self.send({**message, **changes})
        return self.receive()

    def run(self, run_id: int, state: Message | None = None, tail: bytes = b"", **request: Any) -> None:
        """Begins a run; ``state`` is a `state` message that came before."""
        body = {**REQUEST, **request}
        payload = tail
        if state is not None:
            body["continuation_state"] = shifted(state["state"], len(tail))
            payload = tail + state.payload
        timeline: dict[str, Any] = {"video_frames": 0}
        if tail:
            timeline["audio"] = {"next_sample": 0, "tail_start": 0, "tail_bytes": len(tail)}
        self.send(
            {"type": "run", "run_id": run_id, "request": body, "timeline": timeline, "stream_mode": "av_fmp4"}, payload
        )

    def segment(self, run_id: int, state: Message | None = None, **request: Any) -> list[Message]:
        """Runs to the end: all messages of the run."""
        self.run(run_id, state, **request)
        return self.rest()

    def adapt(self, message_id: int, **strengths: float) -> Message:
        """Has these adapters applied, in this order; gives the answer."""
        adapters = [{"name": name, "strength": strength} for name, strength in strengths.items()]
        self.send({"type": "adapters", "id": message_id, "adapters": adapters})
        return self.receive()

    def picture(self, data: bytes | None = None) -> str:
        """A file with a small PNG, or with ``data``; removed with the worker."""
        path = Path(self.folder.name) / f"{len(os.listdir(self.folder.name))}.png"
        path.write_bytes(encode_png(np.full((4, 6, 3), 200, np.uint8)) if data is None else data)
        return str(path)

    def rest(self) -> list[Message]:
        messages = []
        while not messages or messages[-1]["type"] not in ("done", "failed"):
            messages.append(self.receive())
        return messages

    def ends(self) -> bool:
        """Waits for its end."""
        try:
            self.process.wait(timeout=HANG_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        stdout = self.process.stdout
        while len(prefix := stdout.read(8)) == 8:
            header_length, payload_length = struct.unpack(">II", prefix)
            message = Message(json.loads(stdout.read(header_length)))
            message.payload = stdout.read(payload_length)
            if self.acknowledges and message["type"] in ("frame", "audio"):
                with contextlib.suppress(BrokenPipeError):
                    self.send({"type": "ack", "run_id": message["run_id"], "bytes": payload_length})
            self._messages.put(message)
        self._messages.put(None)


def shifted(value: Any, by: int) -> Any:
    """Blob places for a payload in which ``by`` bytes come first."""
    if isinstance(value, list):
        return [shifted(member, by) for member in value]
    if not isinstance(value, dict):
        return value
    if "$blob" in value:
        return {"$blob": {**value["$blob"], "offset": value["$blob"]["offset"] + by}}
    return {key: shifted(member, by) for key, member in value.items()}


def of_type(messages: list[Message], kind: str) -> list[Message]:
    return [message for message in messages if message["type"] == kind]
