"""Models besides LTX-2: what they say they can do, and continuation by the last frame."""

from __future__ import annotations

import base64
import copy
import hashlib
import random
import struct
import unittest
import zlib

import numpy as np

from fastvideo_worker.png import SIGNATURE, chunk, encode_png
from tests.server import WorkerProcess, of_type
from tests.test_worker import numbers, sound

I2V = {"generator": {"model_path": "acme/Wan2.1-I2V-14B-Diffusers"}}
TI2V = {"generator": {"model_path": "acme/Wan2.2-TI2V-5B-Diffusers"}}
T2V = {"generator": {"model_path": "acme/Wan2.1-T2V-1.3B-Diffusers"}}
H3 = {"generator": {"model_path": "acme/MiniMax-H3"}}
BIG = {"width": 832, "height": 480}


def digest(frame):
    return hashlib.sha256(frame.payload).hexdigest()


def pictures(worker):
    """What the model was given to begin with."""
    return [entry for entry in worker.records if "picture" in entry]


class HelloTest(unittest.TestCase):
    def hello(self, family, **changes):
        with WorkerProcess() as worker:
            ready = worker.start(**family, **changes)
            return ready, worker.stderr

    def test_says_what_each_family_can_do(self):
        frames = {"frame_step": 4, "frame_rest": 1}
        h3 = {"size_multiple": 32, "min_seed": 0, "min_frames": 108, "max_frames": 345, "frame_step": 17, "frame_rest": 5}
        for family, kind, pictures, needs, with_sound, limits in (
            (I2V, "wan.last_frame.v1", ["first_frame"], True, False, {"size_multiple": 16, "min_seed": 0, **frames}),
            (TI2V, "wan.last_frame.v1", ["first_frame"], False, False, {"size_multiple": 32, "min_seed": 0, **frames}),
            (T2V, "fastvideo.none", [], False, False, {"size_multiple": 16, "min_seed": 0, **frames}),
            (H3, "minimax_h3.last_frame.v1", ["first_frame", "last_frame"], False, True, h3),
        ):
            with self.subTest(family["generator"]["model_path"]):
                ready, _ = self.hello(family, usual_request={**BIG, "fps": 24})
                said = {"state_kind": kind, "pictures": pictures, "needs_first_frame": needs, "sound": with_sound}
                said |= {"continuation": "last_frame" if "last_frame" in kind else "none", "limits": limits}
                self.assertEqual({name: ready[name] for name in said}, said)

    def test_says_at_the_start_why_segments_begin_anew(self):
        off = {"num_frames": 0, "end_offset": 0, "enable_audio_reencode": True}
        for family, changes, why in (
            (T2V, {}, "this model takes no picture to go on from"),
            (I2V, {"conditioning": off}, "streaming.pool.conditioning_num_frames is 0"),
            (TI2V, {"usual_request": {"width": 1280, "height": 704, "fps": 24}}, "set width to 832 and height to 480."),
        ):
            with self.subTest(why), WorkerProcess() as worker:
                ready = worker.start(**family, **changes)
                self.assertEqual((ready["continuation"], ready["state_kind"]), ("none", "fastvideo.none"))
                worker.wait_for_stderr("Each segment begins anew: ")
                worker.wait_for_stderr(why)

    def test_needs_no_picture_where_the_operator_gives_one(self):
        with WorkerProcess() as worker:
            path = worker.picture()
            ready = worker.start(**I2V, default_request={"inputs": {"image_path": path}})
            self.assertFalse(ready["needs_first_frame"])
            self.assertEqual(worker.segment(1)[-1]["frames"], 25)


class LastFrameTest(unittest.TestCase):
    def test_begins_each_segment_with_the_last_frame_of_the_one_before_and_drops_it(self):
        with WorkerProcess() as worker:
            worker.start(**I2V)
            state, film, last = None, [], []
            for run_id in (1, 2, 3):
                first = {} if state else {"init_image_path": worker.picture()}
                segment = worker.segment(run_id, state, **first)
                (state,) = of_type(segment, "state")
                film += numbers(segment)
                last.append(of_type(segment, "frame")[-1])
                self.assertEqual(segment[-1]["frames"], 25 if run_id == 1 else 24)
            # The picture is of 200; no number comes twice, and none is left out.
            self.assertEqual(film, list(range(200, 251)) + list(range(0, 22)))
            self.assertEqual([entry["digest"] for entry in pictures(worker)[1:]], [digest(frame) for frame in last[:-1]])

    def test_goes_on_from_a_state_in_another_process(self):
        with WorkerProcess() as worker, WorkerProcess() as other:
            worker.start(**I2V)
            segment = worker.segment(1, init_image_path=worker.picture())
            other.start(**I2V)
            messages = other.segment(1, of_type(segment, "state")[0])
            self.assertEqual(numbers(messages)[0], numbers(segment)[-1] + 1)
            self.assertEqual(pictures(other)[0]["digest"], digest(of_type(segment, "frame")[-1]))
            (state,) = of_type(messages, "state")
            self.assertEqual(state["state"]["payload"]["segment_index"], 1)

    def test_goes_on_from_the_last_frame_that_was_given_after_a_cancel(self):
        size = 32 * 32 * 3
        with WorkerProcess(window=size * 7) as worker:
            worker.start(**I2V)
            worker.acknowledges = False
            worker.run(1, init_image_path=worker.picture())
            given = [worker.receive_type("frame") for _ in range(7)]
            worker.send({"type": "cancel", "run_id": 1})
            state, done = worker.rest()
            self.assertEqual(done, {"type": "done", "run_id": 1, "frames": 7, "cancelled": True})
            worker.acknowledges = True
            self.assertEqual(numbers(worker.segment(2, state))[0], numbers(given)[-1] + 1)
            self.assertEqual(pictures(worker)[1]["digest"], digest(given[-1]))

    def test_takes_the_picture_from_before_the_end(self):
        with WorkerProcess() as worker:
            worker.start(**I2V, conditioning={"num_frames": 9, "end_offset": 4, "enable_audio_reencode": True})
            segment = worker.segment(1, init_image_path=worker.picture())
            following = worker.segment(2, of_type(segment, "state")[0])
            self.assertEqual(numbers(following)[0], numbers(segment)[-5] + 1)

    def test_gives_as_many_frames_as_asked_for_and_goes_on_from_the_last_of_them(self):
        with WorkerProcess() as worker:
            worker.start(**I2V)
            segment = worker.segment(1, num_frames=24, init_image_path=worker.picture())
            following = worker.segment(2, of_type(segment, "state")[0], num_frames=24)
            self.assertEqual([segment[-1]["frames"], following[-1]["frames"]], [24, 23])
            self.assertEqual(numbers(following)[0], numbers(segment)[-1] + 1)

    def test_needs_a_picture_to_begin_with(self):
        with WorkerProcess() as worker:
            worker.start(**I2V)
            failed = worker.segment(1)[-1]
            self.assertEqual((failed["code"], failed["retryable"]), ("invalid_message", False))
            self.assertIn("initial_image is missing", failed["message"])
            self.assertEqual(worker.segment(2, init_image_path=worker.picture())[-1]["frames"], 25)

    def test_a_segment_of_one_frame_has_nothing_of_its_own(self):
        with WorkerProcess() as worker:
            worker.start(**I2V)
            (state,) = of_type(worker.segment(1, init_image_path=worker.picture()), "state")
            self.assertEqual(worker.segment(2, state, num_frames=1)[-1]["code"], "invalid_message")

    def test_refuses_a_state_that_was_changed_and_keeps_the_model(self):
        with WorkerProcess() as worker:
            worker.start(**I2V)
            (state,) = of_type(worker.segment(1, init_image_path=worker.picture()), "state")
            good = state["state"]["payload"]
            header = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
            bomb = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
            short = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
            for name, changes, why in (
                ("no frame", {"frame_b64": None}, "it holds no frame"),
                ("no base64", {"frame_b64": "?"}, "cannot be used"),
                ("no PNG", {"frame_b64": text(b"GIF89a" + bytes(100))}, "no PNG"),
                ("a large picture", {"frame_b64": text(bomb + bytes(40))}, "60000x60000"),
                ("a picture that is cut off", {"frame_b64": text(short)}, "truncated"),
                ("another size", {"frame_b64": text(encode_png(np.zeros((32, 64, 3), np.uint8)))}, "64x32, and 32x32"),
                ("another version", {"schema_version": 2}, "schema_version is 2"),
                ("a broken index", {"segment_index": 0.5}, "segment_index is 0.5"),
                ("a negative index", {"segment_index": -1}, "segment_index is -1"),
                ("a true index", {"segment_index": True}, "segment_index is True"),
            ):
                with self.subTest(name):
                    changed = copy.deepcopy(state)
                    changed["state"]["payload"] = {**good, **changes}
                    failed = worker.segment(2, changed)[-1]
                    self.assertEqual((failed["code"], failed["retryable"]), ("preset_mismatch", False))
                    self.assertIn(why, failed["message"])
            self.assertEqual(worker.segment(3, state)[-1]["frames"], 24)
            self.assertEqual(worker.stderr.count("Loading"), 1)

    def test_goes_on_from_a_changed_state_or_refuses_it_and_loads_the_model_once(self):
        chance = random.Random(17)
        odd = (None, "", "AAAA", -1, 0, 1, 2, 1.5, 1e300, 2**53, 2**70, [], {}, True, "é", [1])
        ends = {"done": 0, "failed": 0}
        with WorkerProcess() as worker:
            worker.start(**I2V)
            (state,) = of_type(worker.segment(1, num_frames=5, init_image_path=worker.picture()), "state")
            good = state["state"]["payload"]
            for run_id in range(2, 302):
                changed = copy.deepcopy(state)
                payload = changed["state"]["payload"]
                if chance.random() < 0.4:
                    payload[chance.choice([*good, "more"])] = chance.choice(odd)
                else:
                    data = bytearray(base64.b64decode(good["frame_b64"]))
                    for _ in range(chance.randint(0, 3)):
                        data[chance.randrange(len(data))] = chance.randrange(256)
                    payload["frame_b64"] = text(data[: chance.choice([len(data), chance.randrange(len(data))])])
                end = worker.segment(run_id, changed, num_frames=5)[-1]
                ends[end["type"]] += 1
                if end["type"] == "done":
                    self.assertEqual(end["frames"], 4)
                else:
                    self.assertEqual((end["code"], end["retryable"]), ("preset_mismatch", False), (payload, end))
                    self.assertRegex(end["message"], "^The continuation state cannot be used: .{5,700}$")
            self.assertGreater(min(ends.values()), 15)
            self.assertEqual(worker.stderr.count("Loading"), 1)

    def test_refuses_a_state_of_another_family(self):
        with WorkerProcess() as worker, WorkerProcess() as other:
            worker.start(**I2V)
            (state,) = of_type(worker.segment(1, init_image_path=worker.picture()), "state")
            other.start(**H3)
            failed = other.segment(1, state, num_frames=124)[-1]
            self.assertEqual(failed["code"], "preset_mismatch")
            self.assertIn('"minimax_h3.last_frame.v1"', failed["message"])


class SizeFromPictureTest(unittest.TestCase):
    """Wan 2.2 TI2V: FastVideo takes the size of a video from the shape of its first picture."""

    def start(self, worker, width=832, height=480):
        return worker.start(**TI2V, usual_request={"width": width, "height": height, "fps": 24})

    def test_begins_with_text_and_goes_on(self):
        with WorkerProcess() as worker:
            self.start(worker)
            first = worker.segment(1, num_frames=5, **BIG)
            second = worker.segment(2, of_type(first, "state")[0], num_frames=5, **BIG)
            self.assertEqual([first[-1]["frames"], second[-1]["frames"]], [5, 4])
            self.assertEqual(numbers(first) + numbers(second), list(range(9)))

    def test_cuts_a_picture_of_another_shape_to_the_size_that_was_asked_for(self):
        with WorkerProcess() as worker:
            self.start(worker)
            messages = worker.segment(1, num_frames=5, init_image_path=worker.picture(), **BIG)
            self.assertEqual(messages[-1]["frames"], 5)
            self.assertEqual(pictures(worker)[0]["picture"], [832, 480])

    def test_refuses_a_size_that_it_does_not_make_from_a_picture(self):
        with WorkerProcess() as worker:
            self.start(worker)
            failed = worker.segment(1, num_frames=5, init_image_path=worker.picture(), width=64, height=64)[-1]
            self.assertEqual(failed["code"], "invalid_message")
            self.assertIn("from a picture this model makes 640x608", failed["message"])
            # From text alone it makes it; no segment can go on from it.
            messages = worker.segment(2, num_frames=5, width=64, height=64)
            self.assertEqual(messages[-1]["frames"], 5)
            self.assertEqual(of_type(messages, "state"), [])


class TextOnlyTest(unittest.TestCase):
    def test_begins_each_segment_anew_and_takes_no_state(self):
        with WorkerProcess() as worker:
            worker.start(**T2V)
            for run_id in (1, 2):
                messages = worker.segment(run_id, num_frames=24)
                self.assertEqual(numbers(messages), list(range(24)))
                self.assertEqual(of_type(messages, "state") + of_type(messages, "audio_format"), [])
            worker.run(3, continuation_state={"kind": "wan.last_frame.v1", "payload": {}})
            self.assertEqual(worker.rest()[-1]["code"], "preset_mismatch")


class H3Test(unittest.TestCase):
    def test_goes_on_with_the_picture_and_begins_its_sound_anew(self):
        with WorkerProcess() as worker:
            worker.start(**H3)
            ask = {"num_frames": 120, "prompt": "sound"}
            first = worker.segment(1, **ask)
            second = worker.segment(2, of_type(first, "state")[0], **ask)
            self.assertEqual([first[-1]["frames"], second[-1]["frames"]], [120, 119])
            self.assertEqual(numbers(second)[0], numbers(first)[-1] + 1)
            # A thousand samples a frame; the sound of the frame that is dropped is dropped with it.
            self.assertEqual([len(sound(first)), len(sound(second))], [120_000, 119_000])
            np.testing.assert_allclose(sound(second)[::1000, 0][:3], np.array([20, 21, 22]) / 100, atol=1e-6)

    def test_ends_with_a_picture(self):
        with WorkerProcess() as worker:
            worker.start(**H3)
            both = {"init_image_path": worker.picture(), "last_image_path": worker.picture()}
            (state,) = of_type(worker.segment(1, num_frames=124, **both), "state")
            worker.segment(2, state, num_frames=124)
            self.assertEqual([entry["last"] for entry in pictures(worker)], [[6, 4], None])

    def test_refuses_what_it_cannot_make(self):
        with WorkerProcess() as worker:
            worker.start(**H3)
            for changes, why in (
                ({"num_frames": 100}, "num_frames is 100; the model takes 108 or more"),
                ({"num_frames": 346}, "num_frames is 346; the model takes 345 or less"),
                ({"fps": 16}, "fps is 16; this model makes 24"),
                ({"guidance_scale": 5}, "guidance_scale is 5; this model takes 1.0 only"),
                ({"num_inference_steps": 1}, "num_inference_steps is 1; this model takes 2 or more"),
                ({"negative_prompt": "blur"}, "negative_prompt is given; this model takes none"),
                ({"width": 48}, "width is 48; the model makes multiples of 32"),
            ):
                with self.subTest(why):
                    failed = worker.segment(1, **{"num_frames": 124, **changes})[-1]
                    self.assertEqual((failed["code"], failed["retryable"]), ("invalid_message", False))
                    self.assertIn(why, failed["message"])


def text(data):
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    unittest.main()
