"""The parts that need no process."""

from __future__ import annotations

import gc
import importlib.util
import io
import random
import sys
import threading
import unittest
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from fastvideo_worker.decoded import DecodedFrames
from fastvideo_worker.early_state import EarlyState
from fastvideo_worker.failures import WorkerError, classify, one_line
from fastvideo_worker.frames import frame_list, rgb24
from fastvideo_worker.framing import FramingError, encode, read_message
from fastvideo_worker.sound import to_sound
from fastvideo_worker.state_blobs import pack, unpack

from tests.server import HANG_SECONDS, STAND_IN


def stand_in_torch():
    """The stand-in for torch, which `DecodedFrames` imports."""
    spec = importlib.util.spec_from_file_location("torch", STAND_IN / "torch" / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["torch"] = module
    spec.loader.exec_module(module)
    return module


StandInTensor = stand_in_torch().Tensor


class FramingTest(unittest.TestCase):
    def test_writes_the_bytes_of_the_documentation(self):
        self.assertEqual(
            encode({"type": "pong", "id": 7}), bytes.fromhex("0000001600000000") + b'{"type":"pong","id":7}'
        )

    def test_reads_one_message_behind_the_other(self):
        stream = io.BytesIO(encode({"a": "ü"}, 3) + b"xyz" + encode({"b": 1}))
        self.assertEqual(read_message(stream.read), ({"a": "ü"}, b"xyz"))
        self.assertEqual(read_message(stream.read), ({"b": 1}, b""))
        self.assertIsNone(read_message(stream.read))

    def test_refuses_what_is_no_message(self):
        for data in (b"\0\0", encode({}, 3) + b"xy", b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\1\0\0\0\0{", b"\xff" * 8):
            with self.subTest(data), self.assertRaises(FramingError):
                read_message(io.BytesIO(data).read)

    def test_writes_half_of_a_surrogate_pair_as_an_escape(self):
        data = encode({"x": "\ud83e"})
        self.assertEqual(data[8:], b'{"x":"\\ud83e"}')
        self.assertEqual(read_message(io.BytesIO(data).read), ({"x": "\ud83e"}, b""))

    def test_refuses_numbers_that_json_cannot_say(self):
        with self.assertRaises(ValueError):
            encode({"x": float("nan")})


class StateBlobsTest(unittest.TestCase):
    def test_takes_bytes_and_long_strings_out_and_puts_them_back(self):
        payload = {"a": [{"text": "ä" * 16_385}, b"\0\1"], "short": "s" * 16_384, "none": None, "deep": {"b": b""}}
        packed, blobs = pack(payload)
        self.assertEqual(packed["a"][0]["text"], {"$blob": {"offset": 0, "length": 32_770, "encoding": "utf8"}})
        self.assertEqual(packed["a"][1], {"$blob": {"offset": 32_770, "length": 2, "encoding": "binary"}})
        self.assertEqual(packed["short"], payload["short"])
        self.assertEqual(unpack(packed, b"".join(blobs)), payload)

    def test_refuses_places_outside_the_payload(self):
        for place in (
            {"offset": 1, "length": 4, "encoding": "utf8"},
            {"offset": -1, "length": 1, "encoding": "utf8"},
            {},
            3,
        ):
            with self.subTest(place), self.assertRaises(ValueError):
                unpack({"a": {"$blob": place}}, b"1234")

    def test_refuses_endless_nesting(self):
        value = {}
        for _ in range(100):
            value = {"a": value}
        with self.assertRaises(ValueError):
            pack(value)


class FramesTest(unittest.TestCase):
    def test_gives_rows_from_the_top(self):
        frame = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
        self.assertEqual(bytes(rgb24(frame, 3, 2)), bytes(range(18)))
        self.assertEqual(bytes(rgb24(frame[:, ::-1], 3, 2))[:3], bytes([6, 7, 8]))

    def test_rounds_and_clips_floats(self):
        frame = np.array([[[-1.0, 0.5, 2.0]]], np.float32)
        self.assertEqual(bytes(rgb24(frame, 1, 1)), bytes([0, 128, 255]))

    def test_takes_frames_one_by_one_from_lists_and_arrays(self):
        self.assertEqual(len(frame_list(None)), 0)
        self.assertEqual(len(frame_list(np.zeros((5, 2, 2, 3)))), 5)
        self.assertEqual(len(frame_list(np.zeros((2, 2, 3)))), 1)
        for shape in ((2, 2), (1, 5, 2, 2, 3)):
            with self.assertRaises(WorkerError):
                frame_list(np.zeros(shape))

    def test_refuses_other_shapes_types_and_sizes(self):
        for frame in (np.zeros((2, 2, 4), np.uint8), np.zeros((3, 2, 2), np.uint8), np.zeros((2, 2, 3), np.int32)):
            with self.assertRaises(WorkerError):
                rgb24(frame, 2, 2)


class DecodedFramesTest(unittest.TestCase):
    def frames(self, count=21):
        array = np.arange(count * 4 * 6 * 3, dtype=np.float32).reshape(1, 3, count, 4, 6) % 300 / 255 - 0.05
        whole = (array[0] * np.float32(255)).clip(0, 255).astype(np.uint8).transpose(1, 2, 3, 0)
        return DecodedFrames(StandInTensor(array)), whole

    def test_gives_each_frame_as_a_conversion_of_the_whole_would(self):
        decoded, whole = self.frames()
        self.assertEqual(len(decoded), 21)
        np.testing.assert_array_equal(np.stack(list(decoded)), whole)
        np.testing.assert_array_equal(np.stack(decoded[12:21]), whole[12:21])
        np.testing.assert_array_equal(decoded[-1], whole[-1])
        with self.assertRaises(IndexError):
            decoded[21]

    def test_gives_them_to_several_threads(self):
        decoded, whole = self.frames(100)
        with ThreadPoolExecutor(4) as pool:
            for numbers in pool.map(lambda seed: random.Random(seed).choices(range(100), k=300), range(4)):
                for pictures in pool.map(lambda at: (at, decoded[at]), numbers):
                    np.testing.assert_array_equal(pictures[1], whole[pictures[0]])

    def test_holds_few_of_them(self):
        decoded, whole = self.frames(100)
        seen = [weakref.ref(picture.base if picture.base is not None else picture) for picture in decoded]
        gc.collect()
        self.assertLess(len({id(ref()) for ref in seen if ref() is not None}), 6)

    def test_refuses_what_is_no_video(self):
        for shape in ((1, 16, 5, 4, 6), (2, 3, 5, 4, 6), (3, 5, 4, 6)):
            with self.subTest(shape), self.assertRaises(WorkerError):
                DecodedFrames(StandInTensor(np.zeros(shape, np.float32)))


class EarlyStateTest(unittest.TestCase):
    def test_is_made_beside_and_taken_when_it_is_there(self):
        go = threading.Event()
        state = EarlyState()
        state.begin(lambda: {"made": go.wait(HANG_SECONDS)})
        go.set()
        self.assertEqual(state.take(), {"made": True})
        state.end()

    def test_raises_where_it_is_taken_what_was_raised_where_it_was_made(self):
        state = EarlyState()
        state.begin(lambda: 1 // 0)
        with self.assertRaises(ZeroDivisionError):
            state.take()
        state.end()

    def test_leaves_nothing_at_work(self):
        state, ended = EarlyState(), []
        state.begin(lambda: ended.append(True))
        state.end()
        self.assertEqual(ended, [True])
        EarlyState().end()


class SoundTest(unittest.TestCase):
    def test_takes_channels_first_last_and_none(self):
        left_right = np.array([[0.1, 0.2, 0.3, 0.4], [-0.1, -0.2, -0.3, -0.4]], np.float32)
        expected = left_right.T.tobytes()
        for audio in (left_right, left_right.T, left_right[None]):
            sound = to_sound(audio, 48_000)
            self.assertEqual((sound.channels, sound.rate, sound.between(0, 4)), (2, 48_000, expected))
        self.assertEqual(to_sound(left_right[0], 1).channels, 1)
        self.assertEqual(to_sound(left_right[:1], 1).channels, 1)

    def test_scales_integers_and_clips_floats(self):
        self.assertEqual(to_sound(np.array([-32768, 16384], np.int16), 1).samples.ravel().tolist(), [-1.0, 0.5])
        self.assertEqual(to_sound(np.array([-7, 7, np.nan]), 1).samples.ravel().tolist(), [-1.0, 1.0, 0.0])

    def test_is_silent_behind_its_end(self):
        sound = to_sound(np.array([0.5, 0.5], np.float32), 1)
        self.assertEqual(np.frombuffer(sound.between(1, 4), "<f4").tolist(), [0.5, 0.0, 0.0])
        self.assertEqual(np.frombuffer(sound.between(9, 11), "<f4").tolist(), [0.0, 0.0])

    def test_no_sound_is_none_and_surround_is_refused(self):
        self.assertIsNone(to_sound(None, 24_000))
        self.assertIsNone(to_sound(np.zeros(3), None))
        for audio in (np.zeros((6, 100)), np.zeros((2, 2, 2)), np.zeros(5, np.int64)):
            with self.assertRaises(WorkerError):
                to_sound(audio, 24_000)


class FailureTest(unittest.TestCase):
    def test_says_the_first_cause_in_one_line(self):
        try:
            try:
                raise KeyError("weights")
            except KeyError as error:
                raise RuntimeError("Forward execution thread failed.\nTraceback ...") from error
        except RuntimeError as error:
            self.assertEqual(one_line(error), "KeyError: 'weights'")
        self.assertEqual(one_line(ValueError("one\ntwo")), "one")
        self.assertEqual(one_line(ValueError()), "ValueError")
        self.assertEqual(len(one_line(ValueError("x" * 5000))), 600)

    def test_a_cuda_error_ends_the_process(self):
        failure = classify(RuntimeError("CUDA error: an illegal memory access was encountered"), None, False)
        self.assertTrue(failure.fatal and failure.retryable)

    def test_what_was_printed_is_the_cause_only_when_a_process_died(self):
        self.assertEqual(classify(ValueError("bad"), "KeyError: 1", False).message, "bad")
        self.assertIn("KeyError: 1", classify(EOFError(), "KeyError: 1", False).message)

    def test_finds_the_last_exception_that_was_printed(self):
        from fastvideo_worker.stdio import Stdio

        stdio = Stdio.__new__(Stdio)
        stdio._lines = ["E: no", "(Worker pid=3) torch.OutOfMemoryError: CUDA out of memory.", "Worker 0 shutting down"]
        self.assertEqual(stdio.last_exception(), "torch.OutOfMemoryError: CUDA out of memory.")
        stdio._lines = ["INFO all is well", "an Error in words"]
        self.assertIsNone(stdio.last_exception())


class PackageTest(unittest.TestCase):
    def test_is_read_without_fastvideo_torch_or_numpy_up_to_the_adapter(self):
        import subprocess

        code = (
            "import sys; sys.modules['numpy'] = sys.modules['torch'] = sys.modules['fastvideo'] = None\n"
            "import fastvideo_worker.worker"
        )
        root = str(Path(__file__).resolve().parent.parent)
        subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


if __name__ == "__main__":
    unittest.main()
