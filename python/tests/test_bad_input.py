"""What comes from outside costs the model nothing: it is refused, with what is wrong, and the next run goes well."""

from __future__ import annotations

import base64
import copy
import io
import struct
import unittest
import zlib

import numpy as np

from fastvideo_worker.png import SIGNATURE, chunk, encode_png
from tests.server import WorkerProcess, of_type


def text_of(array):
    file = io.BytesIO()
    np.save(file, array)
    return base64.b64encode(file.getvalue()).decode()


def picture(width=32, height=32):
    return base64.b64encode(encode_png(np.full((height, width, 3), 90, np.uint8))).decode()


def bomb(width, height):
    """A small file whose header tells a large picture, and which unpacks to as much."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(50_000_000), 9)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


REQUESTS = {
    "a negative seed": ({"seed": -3}, "seed is -3"),
    "a width that is no multiple": ({"width": 40}, "width is 40; the model makes multiples of 32, for example 32 or 64"),
    "a height that is no multiple": ({"height": 8}, "height is 8; the model makes multiples of 32, for example 32."),
    "half a surrogate pair": ({"prompt": "a red \ud83e fox"}, "character 7 is half of a surrogate pair (U+D83E)"),
    "half of one in the negative prompt": ({"negative_prompt": "\udd8a"}, "negative_prompt: character 1"),
    "a broken frame rate": ({"fps": 23.976}, "23.976"),
}

PICTURES = {
    "a picture that is cut off": encode_png(np.zeros((40, 40, 3), np.uint8))[:-60],
    "a picture without its data": encode_png(np.zeros((40, 40, 3), np.uint8))[:60],
    "what is no picture": b"GIF89a" + bytes(100),
    "nothing": b"",
    "a picture of gigabytes": bomb(60_000, 60_000),
}


def member(path, value):
    def change(payload):
        *way, last = path.split(".")
        target = payload
        for key in way:
            target = target[key]
        target[last] = value

    return change


def without(path):
    def change(payload):
        *way, last = path.split(".")
        target = payload
        for key in way:
            target = target[key]
        del target[last]

    return change


def frames(change):
    return lambda payload: change(payload["video"]["frames_b64"])


LATENTS = np.zeros((1, 8, 51, 16), np.float32)
STATES = {
    "one frame too few": (frames(lambda them: them.pop()), "it holds 8 frames, and the model takes 8k + 1"),
    "no frames": (frames(lambda them: them.clear()), "it holds no frames"),
    "no pictures at all": (without("video"), "it holds no frames"),
    "a number for a frame": (frames(lambda them: them.__setitem__(0, 5)), "it holds no frames"),
    "a frame that is no picture": (frames(lambda them: them.__setitem__(0, "AAAA")), "a picture is no PNG"),
    "a frame that is not base64": (frames(lambda them: them.__setitem__(0, "%%%")), "cannot be used"),
    "a frame that is cut off": (
        frames(lambda them: them.__setitem__(3, base64.b64encode(base64.b64decode(them[3])[:-40]).decode())),
        "truncated",
    ),
    "a frame of another size": (frames(lambda them: them.__setitem__(2, picture(64, 32))), "several sizes"),
    "a frame of gigabytes": (
        frames(lambda them: them.__setitem__(0, base64.b64encode(bomb(60_000, 60_000)).decode())),
        "60000x60000",
    ),
    "frames of gigabytes together": (
        frames(lambda them: them.__setitem__(slice(None), [base64.b64encode(bomb(5760, 5760)).decode()] * 9)),
        "9 frames of 5760x5760",
    ),
    "another place": (member("video_conditioning_frame_idx", 5), "video_conditioning_frame_idx is 5, and 0 is taken"),
    "a strength over 1": (member("video_conditioning_strength", 1.5), "video_conditioning_strength is 1.5, and 0 to 1"),
    "a strength that is no number": (member("video_conditioning_strength", "NaN"), "strength is nan"),
    "another strength of the sound": (member("audio_conditioning_strength", -1), "audio_conditioning_strength is -1"),
    "sound without an end": (member("audio_conditioning_num_frames", 10**9), "audio_conditioning_num_frames is 1000000000"),
    "an index that is none": (member("segment_index", {}), "cannot be used"),
    "an index below 0": (member("segment_index", -1), "segment_index is -1"),
    "another version": (member("schema_version", 2), "schema_version"),
    "sound of NaN": (member("audio", {"safetensors_b64": text_of(LATENTS * np.nan)}), "not finite"),
    "sound of another shape": (member("audio", {"safetensors_b64": text_of(LATENTS[0])}), "(8, 51, 16)"),
    "sound of another model": (member("audio", {"safetensors_b64": text_of(LATENTS[:, :4])}), "(1, 4, 51, 16)"),
    "sound of no length": (member("audio", {"safetensors_b64": text_of(LATENTS[:, :, :0])}), "0 latents"),
    "sound of whole numbers": (member("audio", {"safetensors_b64": text_of(LATENTS.astype(int))}), "int64"),
    "sound that is none": (member("audio", {"safetensors_b64": "AAAA"}), "cannot be used"),
    "a state of somebody else": (member("metadata", {}), "not made by this worker"),
}


class BadInputTest(unittest.TestCase):
    def setUp(self):
        self.worker = WorkerProcess()
        self.addCleanup(self.worker.__exit__)
        self.worker.start()
        self.run_id = 0

    def tearDown(self):
        messages = self.segment(prompt="sound")
        self.assertEqual(messages[-1]["type"], "done")
        # Loaded once.
        self.assertEqual(len([entry for entry in self.worker.records if "config" in entry]), 1)

    def segment(self, state=None, **request):
        self.run_id += 1
        return self.worker.segment(self.run_id, state, **request)

    def refused(self, code, text, state=None, **request):
        failed = self.segment(state, **request)[-1]
        self.assertEqual((failed["type"], failed.get("code"), failed.get("retryable")), ("failed", code, False), failed)
        self.assertIn(text, failed["message"])
        self.assertNotIn("\n", failed["message"])
        self.assertLess(len(failed["message"]), 700)

    def test_requests(self):
        for name, (request, text) in REQUESTS.items():
            with self.subTest(name):
                self.refused("invalid_message", text, **request)

    def test_pictures(self):
        for name, data in PICTURES.items():
            with self.subTest(name):
                self.refused("invalid_message", "initial_image: it ", init_image_path=self.worker.picture(data))

    def test_states(self):
        (state,) = of_type(self.segment(prompt="sound"), "state")
        for name, (change, text) in STATES.items():
            with self.subTest(name):
                changed = copy.deepcopy(state)
                change(changed["state"]["payload"])
                self.refused("preset_mismatch", text, changed)
        self.assertEqual(self.segment(state, prompt="sound")[-1]["type"], "done")

    def test_an_exception_of_the_model_ends_the_run_alone(self):
        self.refused("generator_failed", "KeyError: 'third'", prompt="bug")


class LimitsTest(unittest.TestCase):
    def test_a_refiner_doubles_the_multiple(self):
        with WorkerProcess() as worker:
            ready = worker.start(generator={"model_path": "acme/LTX2-refine-Diffusers"})
            self.assertEqual(ready["limits"]["size_multiple"], 64)
            failed = worker.segment(1, width=96, height=64)[-1]
            self.assertIn("width is 96; the model makes multiples of 64", failed["message"])

    def test_another_model_takes_what_fastvideo_takes(self):
        with WorkerProcess() as worker:
            ready = worker.start(generator={"model_path": "acme/Wan-Diffusers"})
            self.assertEqual(ready["limits"], {"size_multiple": 8, "min_seed": 0, "frame_step": 8, "frame_rest": 1})


if __name__ == "__main__":
    unittest.main()
