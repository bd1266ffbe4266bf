"""The example of docs/worker-protocol.md, as a process."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

from tests.server import WorkerProcess, of_type

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "minimal-worker.py"
FRAME_BYTES = 32 * 32 * 3


def example(**options):
    return WorkerProcess([sys.executable, str(EXAMPLE)], **options)


def left_edge(frame):
    row = frame.payload[: 32 * 3]
    lit = [any(row[x * 3 : x * 3 + 3]) for x in range(32)]
    return next(x for x in range(32) if lit[x] and not lit[x - 1])


class MinimalWorkerTest(unittest.TestCase):
    def test_makes_segments_that_go_on(self):
        with example() as worker:
            self.assertEqual(worker.start()["state_kind"], "example.bar.v1")
            first = worker.segment(1, num_frames=5)
            self.assertEqual(first[-1], {"type": "done", "run_id": 1, "frames": 5, "cancelled": False})
            self.assertEqual([left_edge(frame) for frame in of_type(first, "frame")], [0, 2, 4, 6, 8])
            second = worker.segment(2, of_type(first, "state")[0], num_frames=5)
            self.assertEqual([left_edge(frame) for frame in of_type(second, "frame")], [10, 12, 14, 16, 18])
            self.assertEqual({len(frame.payload) for frame in of_type(second, "frame")}, {FRAME_BYTES})

    def test_keeps_to_the_window_and_answers_meanwhile(self):
        with example(window=2 * FRAME_BYTES) as worker:
            worker.start()
            worker.acknowledges = False
            worker.run(1)
            worker.receive_type("frame")
            worker.receive_type("frame")
            worker.receive_type("step")
            self.assertTrue(worker.quiet(0.2))
            worker.send({"type": "ping", "id": 3})
            self.assertEqual(worker.receive(), {"type": "pong", "id": 3})
            worker.send({"type": "cancel", "run_id": 1})
            state, done = worker.rest()
            self.assertEqual(state["state"]["payload"], {"position": 4})
            self.assertEqual(done, {"type": "done", "run_id": 1, "frames": 2, "cancelled": True})

    def test_refuses_another_protocol(self):
        with example() as worker:
            self.assertEqual(worker.start(protocol=2)["type"], "start_failed")

    def test_ends_with_its_stdin_in_the_middle_of_a_run(self):
        with example(window=1) as worker:
            worker.start()
            worker.acknowledges = False
            worker.run(1)
            worker.receive_type("frame")
            worker.process.stdin.close()
            self.assertTrue(worker.ends())


if __name__ == "__main__":
    unittest.main()
