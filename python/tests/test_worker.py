"""The worker as a process over pipes, with a package that stands in for FastVideo."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
import unittest

import numpy as np

from tests.server import HANG_SECONDS, WorkerProcess, of_type

FRAME_BYTES = 32 * 32 * 3
WAN = {"generator": {"model_path": "acme/Wan-Diffusers"}}
REFINE = {"generator": {"model_path": "acme/LTX2-refine-Diffusers"}}


def numbers(messages, channel=0):
    """The film's frame numbers, read from the pictures."""
    return [message.payload[channel] for message in of_type(messages, "frame")]


def sound(messages, channels=2):
    return np.frombuffer(b"".join(m.payload for m in of_type(messages, "audio")), "<f4").reshape(-1, channels)


class StartTest(unittest.TestCase):
    def test_says_what_it_is(self):
        with WorkerProcess() as worker:
            ready = worker.start()
            self.assertEqual(
                ready,
                {
                    "type": "ready",
                    "protocol": 1,
                    "model_id": "FastVideo/LTX2-Distilled-Diffusers",
                    "state_kind": "ltx2.v1",
                    "streams_frames": False,
                    "pictures": ["first_frame"],
                    "needs_first_frame": False,
                    "continuation": "state",
                    "audio": None,
                    "sound": True,
                    "output": "frames",
                    "limits": {"size_multiple": 32, "min_seed": 0, "frame_step": 8, "frame_rest": 1},
                    "adapters": True,
                },
            )

    def test_names_no_state_kind_of_ltx2_for_another_model(self):
        with WorkerProcess() as worker:
            self.assertEqual(worker.start(**WAN)["state_kind"], "fastvideo.none")

    def test_gives_the_generator_block_to_fastvideo_as_it_is_but_for_the_backend(self):
        with WorkerProcess() as worker:
            worker.start(
                generator={"model_path": "m", "backend": "python", "revision": "v2", "engine": {"num_gpus": 2}}
            )
            self.assertEqual(
                worker.records[0]["config"],
                {
                    "model_path": "m",
                    "revision": "v2",
                    "engine": {"num_gpus": 2},
                    "pipeline": {"workload_type": None, "preset": None},
                    "raw": {"model_path": "m", "revision": "v2", "engine": {"num_gpus": 2}},
                },
            )

    def failure(self, env=None, command=None, **start):
        with WorkerProcess(command, env) as worker:
            answer = worker.start(**start)
            self.assertEqual(answer["type"], "start_failed")
            self.assertTrue(worker.ends())
            self.assertEqual(worker.process.returncode, 1)
            self.assertNotIn("\n", answer["message"])
            self.assertNotIn("Traceback", answer["message"])
            return answer["message"]

    def test_refuses_another_protocol(self):
        self.assertIn("protocol 2, this worker 1", self.failure(protocol=2))

    def test_names_a_key_that_fastvideo_does_not_know(self):
        message = self.failure(generator={"model_path": "m", "engine": {"gpus": 2}})
        self.assertIn("refuses generator.engine.gpus: unknown field.", message)

    def test_names_a_key_of_the_default_request(self):
        message = self.failure(default_request={"sampling": {"stepps": 2}})
        self.assertIn("refuses default_request.sampling.stepps: unknown field.", message)

    def test_names_what_fastvideo_has_a_key_for_and_does_not_support(self):
        message = self.failure(generator={"model_path": "m", "pipeline": {"preset": "ltx2_two_stage"}})
        self.assertRegex(
            message,
            r"^fastvideo \S+( \S+)* refuses generator: VideoGenerator compatibility adapter does not support "
            r"pipeline\.preset yet\.$",
        )

    def test_names_each_block_that_fastvideo_refuses(self):
        message = self.failure(
            generator={"model_path": "acme/LTX2-Distilled", "pipeline": {"preset": "fast"}},
            default_request={"stage_overrides": {"refine": {}}},
        )
        self.assertIn("pipeline.preset", message)
        self.assertIn("refuses default_request.stage_overrides.refine: unknown stage", message)

    def test_says_which_preset_fastvideo_takes_and_why(self):
        for model, said in (
            ("FastVideo/LTX2-Distilled-Diffusers", '"ltx2_distilled" for FastVideo/LTX2-Distilled-Diffusers: its name'),
            ("acme/LTX2", '"ltx2_base" for acme/LTX2, because its name does not contain both "ltx2"'),
            ("acme/other", "knows no preset for acme/other"),
        ):
            with WorkerProcess() as worker:
                worker.start(generator={"model_path": model})
                worker.wait_for_stderr(said)

    def test_says_that_there_is_no_gpu(self):
        message = self.failure(env={"STAND_IN_CUDA": "0", "CUDA_VISIBLE_DEVICES": "3"})
        self.assertIn("No CUDA device", message)
        self.assertIn("CUDA_VISIBLE_DEVICES is '3'", message)

    def test_says_how_to_install_a_missing_package(self):
        from tests.server import PYTHON

        message = self.failure(
            env={"PYTHONPATH": str(PYTHON)}, command=[sys.executable, "-S", "-m", "fastvideo_worker"]
        )
        self.assertIn(f"'{sys.executable} -m pip install fastvideo'", message)

    def test_says_that_a_model_cannot_be_loaded(self):
        message = self.failure(generator={"model_path": "acme/missing"})
        self.assertEqual(message, "FastVideo could not load acme/missing: Could not find model at acme/missing")

    def test_says_that_a_folder_does_not_exist(self):
        message = self.failure(generator={"model_path": "/no/such/model"})
        self.assertEqual(message, "generator.model_path /no/such/model does not exist.")

    def test_takes_the_cause_out_of_the_traceback_of_a_process(self):
        message = self.failure(generator={"model_path": "acme/no-worker"})
        self.assertEqual(message, "FastVideo could not load acme/no-worker: weights do not fit")

    def test_refuses_conditioning_that_ltx2_cannot_take(self):
        message = self.failure(conditioning={"num_frames": 10, "end_offset": 0, "enable_audio_reencode": True})
        self.assertIn("streaming.pool.conditioning_num_frames is 10", message)

    def test_says_that_python_is_too_old(self):
        from fastvideo_worker.__main__ import python_problem

        self.assertIsNone(python_problem((3, 10, 0)))
        self.assertIn("3.10 or newer", python_problem((3, 9, 18)))


class SegmentTest(unittest.TestCase):
    def test_gives_the_frames_that_were_asked_for(self):
        with WorkerProcess() as worker:
            worker.start()
            messages = worker.segment(5)
            self.assertEqual(messages[0], {"type": "started", "run_id": 5, "total_steps": 4})
            self.assertEqual(
                of_type(messages, "step"),
                [
                    {"type": "step", "run_id": 5, "step": step, "total_steps": 4, "stage": "denoise"}
                    for step in range(1, 5)
                ],
            )
            frames = of_type(messages, "frame")
            self.assertEqual({len(frame.payload) for frame in frames}, {FRAME_BYTES})
            self.assertEqual(numbers(messages), list(range(25)))
            self.assertEqual(messages[-1], {"type": "done", "run_id": 5, "frames": 25, "cancelled": False})
            self.assertEqual(of_type(messages, "audio_format"), [])

    def test_sets_only_what_was_asked_for_over_what_the_operator_wrote(self):
        default = {
            "prompt": "not this",
            "negative_prompt": "blur",
            "sampling": {"seed": 1, "guidance_rescale": 0.5},
            "stage_overrides": {"denoise": {"guidance_scale": 3}},
            "output": {"save_video": True},
            "extensions": {"embedded_cfg_scale": 2},
        }
        with WorkerProcess() as worker:
            worker.start(default_request=default)
            path = worker.picture()
            worker.segment(1, init_image_path=path)
            (raw,) = (entry["raw"] for entry in worker.records if "raw" in entry)
            self.assertEqual(raw["prompt"], "a red fox")
            self.assertEqual(raw["negative_prompt"], "blur")
            # A file of the worker's own, which is gone with the run.
            (own,) = raw["inputs"].values()
            self.assertNotEqual(own, path)
            self.assertFalse(os.path.exists(own))
            self.assertEqual(raw["stage_overrides"], default["stage_overrides"])
            self.assertEqual(raw["extensions"], default["extensions"])
            sampling = {"seed": 7, "width": 32, "height": 32, "num_frames": 25, "num_inference_steps": 4}
            self.assertEqual(raw["sampling"], {**sampling, "guidance_rescale": 0.5, "guidance_scale": 1, "fps": 24})
            output = raw["output"]
            self.assertEqual((output["save_video"], output["return_frames"]), (False, False))
            self.assertNotIn("return_state", output)
            self.assertNotIn("state", raw)

    def test_takes_floats_arrays_and_tensors_of_a_fastvideo_that_makes_its_frames_itself(self):
        with WorkerProcess(env={"STAND_IN_STATES": "1"}) as worker:
            worker.start()
            for run_id, prompt in enumerate(["floats", "array", "tensor", "floats tensor"], 1):
                with self.subTest(prompt):
                    self.assertEqual(numbers(worker.segment(run_id, prompt=prompt)), list(range(25)))

    def test_makes_of_the_decoders_output_the_frames_and_the_state_that_come_of_fastvideos_own(self):
        with WorkerProcess() as worker, WorkerProcess(env={"STAND_IN_STATES": "1"}) as other:
            worker.start()
            other.start()
            for run_id, prompt in enumerate(("sound", "decimals", "sound decimals"), 1):
                made = []
                for each in (worker, other):
                    messages = each.segment(run_id, prompt=prompt)
                    made.append([(m["type"], m.get("state"), m.payload) for m in messages])
                with self.subTest(prompt):
                    self.assertEqual(*made)
            wanted = [entry["raw"]["output"]["return_frames"] for entry in (*worker.records, *other.records) if "raw" in entry]
            self.assertEqual(wanted, [False] * 3 + [True] * 3)

    def test_interleaves_the_sound_with_the_frames(self):
        with WorkerProcess() as worker:
            worker.start()
            messages = worker.segment(1, prompt="sound")
            media = [message for message in messages if message["type"] not in ("started", "step")]
            kinds = [message["type"] for message in media]
            self.assertEqual(kinds[0], "audio_format")
            self.assertEqual(media[0]["audio"], {"sample_rate": 24000, "channels": 2})
            self.assertEqual(kinds[1:51], ["frame", "audio"] * 25)
            samples = sound(messages)
            self.assertEqual(samples.shape, (25_000, 2))
            np.testing.assert_allclose(samples[::1000, 0], np.arange(25) / 100, atol=1e-6)
            np.testing.assert_allclose(samples[:, 1], -samples[:, 0])

    def test_takes_mono_sound_of_16_bits(self):
        with WorkerProcess() as worker:
            worker.start()
            messages = worker.segment(1, prompt="mono16")
            self.assertEqual(of_type(messages, "audio_format")[0]["audio"], {"sample_rate": 24000, "channels": 1})
            samples = sound(messages, 1)
            self.assertEqual(len(samples), 25_000)
            self.assertEqual(set(samples.ravel().tolist()), {0.5})

    def test_tells_each_step(self):
        for prompt in ("steps", "progress"):
            with self.subTest(prompt), WorkerProcess() as worker:
                worker.start()
                steps = of_type(worker.segment(1, prompt=prompt), "step")
                self.assertEqual([step["step"] for step in steps], [1, 2, 3, 4])

    def test_counts_the_steps_of_a_refiner_behind_the_others(self):
        with WorkerProcess() as worker:
            worker.start(**REFINE)
            messages = worker.segment(1, width=64, height=64)
            self.assertEqual(messages[0]["total_steps"], 6)
            steps = [(step["step"], step["total_steps"], step["stage"]) for step in of_type(messages, "step")]
            first, second = [(n, 6, "denoise") for n in range(1, 5)], [(5, 6, "refine"), (6, 6, "refine")]
            self.assertEqual(steps, first + second)
            # In the next run they are counted anew.
            again = of_type(worker.segment(2, width=64, height=64), "step")
            self.assertEqual([step["step"] for step in again], [1, 2, 3, 4, 5, 6])

    def test_gives_as_many_frames_as_asked_for_whatever_the_model_makes(self):
        with WorkerProcess() as worker:
            worker.start()
            for run_id, count in enumerate([1, 2, 8, 10, 24], 1):
                with self.subTest(count):
                    messages = worker.segment(run_id, prompt="sound", num_frames=count)
                    self.assertEqual(numbers(messages), list(range(count)))
                    self.assertEqual(len(sound(messages)), count * 1000)

    def test_has_sound_up_to_the_end_of_the_picture(self):
        with WorkerProcess() as worker:
            worker.start()
            state = None
            for run_id, count in enumerate([25, 30, 49, 121], 1):
                with self.subTest(count):
                    messages = worker.segment(run_id, state, prompt="sound", num_frames=count)
                    (state,) = of_type(messages, "state")
                    last = np.frombuffer(of_type(messages, "audio")[-1].payload, "<f4")
                    self.assertTrue((last != 0).all())

    def test_gives_partial_frames_at_once_and_never_twice(self):
        for prompt in ("partial", "partial rest"):
            with self.subTest(prompt), WorkerProcess() as worker:
                worker.start(**WAN)
                messages = worker.segment(1, prompt=prompt)
                self.assertEqual(numbers(messages), list(range(25)))

    def test_holds_partial_frames_back_when_the_sound_is_yet_to_come(self):
        for prompt in ("partial sound", "partial rest sound"):
            with self.subTest(prompt), WorkerProcess() as worker:
                worker.start()
                messages = worker.segment(1, prompt=prompt)
                self.assertEqual(numbers(messages), list(range(25)))
                self.assertEqual(len(sound(messages)), 25_000)

    def test_keeps_what_is_printed_out_of_the_protocol(self):
        with WorkerProcess() as worker:
            worker.start()
            self.assertEqual(worker.segment(1, prompt="prints")[-1]["frames"], 25)
            worker.wait_for_stderr("a library prints")
            worker.wait_for_stderr("a child prints")


class ContinuationTest(unittest.TestCase):
    def film(self, worker, count, **request):
        messages, state = [], None
        for run_id in range(1, count + 1):
            segment = worker.segment(run_id, state, **request)
            self.assertEqual(segment[-1]["type"], "done", segment[-1])
            (state,) = of_type(segment, "state")
            messages.append(segment)
        return messages

    def test_goes_on_with_the_frame_after_the_last_one(self):
        with WorkerProcess() as worker:
            worker.start()
            segments = self.film(worker, 3)
            self.assertEqual(
                [numbers(s) for s in segments], [list(range(25)), list(range(25, 41)), list(range(41, 57))]
            )
            self.assertEqual([s[-1]["frames"] for s in segments], [25, 16, 16])

    def test_goes_on_with_the_sound_at_the_same_time(self):
        with WorkerProcess() as worker:
            worker.start()
            segments = self.film(worker, 4, prompt="sound")
            film = np.concatenate([sound(segment) for segment in segments])
            self.assertEqual(len(film), (25 + 3 * 16) * 1000)
            np.testing.assert_allclose(film[::1000, 0], np.arange(73) / 100, atol=1e-6)
            # The first segment has 25 frames of sound to keep, the second 16 + 25, the third enough.
            self.assertEqual([e["lead"] for e in worker.records if "lead" in e], [16, 32, 40])
            # What is kept of the sound lies where it lay in time, to a latent.
            self.assertTrue(all(entry["shift"] <= 1.0 for entry in worker.records if "shift" in entry))

    def test_takes_sound_and_picture_from_before_the_end(self):
        with WorkerProcess() as worker:
            worker.start(conditioning={"num_frames": 9, "end_offset": 4, "enable_audio_reencode": True})
            segments = self.film(worker, 3, prompt="sound")
            for number, segment in enumerate(segments[1:], 1):
                begin = 25 + 16 * (number - 1) - 4 * number
                self.assertEqual(numbers(segment), list(range(begin, begin + 16)))
                np.testing.assert_allclose(sound(segment)[::1000, 0], np.arange(begin, begin + 16) / 100, atol=1e-6)

    def test_sends_large_members_as_blobs_and_takes_them_back_behind_a_tail_of_sound(self):
        with WorkerProcess() as worker:
            worker.start()
            (state,) = of_type(worker.segment(1, width=256, height=128), "state")
            places = state["state"]["payload"]["video"]["frames_b64"]
            self.assertEqual(len(places), 9)
            self.assertEqual(places[1]["$blob"]["offset"], places[0]["$blob"]["length"])
            self.assertEqual(sum(place["$blob"]["length"] for place in places), len(state.payload))
            worker.run(2, state, tail=b"\x01\x02\x03\x04" * 10, width=256, height=128)
            self.assertEqual(numbers(worker.rest()), list(range(25, 41)))

    def test_leaves_the_initial_image_to_the_first_segment(self):
        with WorkerProcess() as worker:
            worker.start()
            self.film(worker, 2, init_image_path=worker.picture())
            inputs = [list(entry["raw"]["inputs"]) for entry in worker.records if "raw" in entry]
            self.assertEqual(inputs, [["image_path"], []])

    def test_passes_a_state_of_fastvideo_on_as_it_is(self):
        with WorkerProcess(env={"STAND_IN_STATES": "1"}) as worker:
            worker.start()
            (state,) = of_type(worker.segment(1, prompt="native"), "state")
            self.assertEqual(state["state"], {"kind": "ltx2.v1", "payload": {"at": 25}})
            messages = worker.segment(2, state, prompt="native")
            self.assertEqual(messages[-1]["frames"], 25)
            self.assertEqual(worker.records[-1]["raw"]["state"], state["state"])
            self.assertTrue(worker.records[-1]["raw"]["output"]["return_state"])

    def test_refuses_a_state_of_another_kind(self):
        with WorkerProcess() as worker:
            worker.start()
            (state,) = of_type(worker.segment(1), "state")
            state["state"]["kind"] = "fastvideo.mock.v1"
            failed = worker.segment(2, state)[-1]
            self.assertEqual((failed["type"], failed["code"]), ("failed", "preset_mismatch"))
            self.assertIn('"fastvideo.mock.v1"', failed["message"])
            self.assertIn('"ltx2.v1"', failed["message"])

    def test_refuses_a_damaged_state(self):
        with WorkerProcess() as worker:
            worker.start()
            (state,) = of_type(worker.segment(1, width=256, height=128), "state")
            state.payload = state.payload[:-1]
            self.assertEqual(worker.segment(2, state, width=256, height=128)[-1]["code"], "preset_mismatch")
            del state["state"]["payload"]["video"]
            self.assertEqual(worker.segment(3, state)[-1]["code"], "preset_mismatch")

    def test_a_model_without_continuation_sends_no_state_and_takes_none(self):
        with WorkerProcess() as worker:
            worker.start(**WAN)
            messages = worker.segment(1)
            self.assertEqual(of_type(messages, "state"), [])
            worker.run(2, None, continuation_state={"kind": "ltx2.v1", "payload": {}})
            self.assertEqual(worker.rest()[-1]["code"], "preset_mismatch")

    def test_a_segment_has_to_be_longer_than_what_is_cut(self):
        with WorkerProcess() as worker:
            worker.start()
            (state,) = of_type(worker.segment(1), "state")
            failed = worker.segment(2, state, num_frames=9)[-1]
            self.assertEqual((failed["code"], failed["retryable"]), ("invalid_message", False))
            self.assertIn("raise default_request.sampling.num_frames", failed["message"])


class FailureTest(unittest.TestCase):
    def failed(self, worker, run_id=1, **request):
        message = worker.segment(run_id, **request)[-1]
        self.assertEqual(message["type"], "failed")
        self.assertNotIn("\n", message["message"])
        self.assertNotIn("Traceback", message["message"])
        return message

    def test_out_of_memory_may_be_tried_again(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, prompt="oom")
            self.assertEqual((message["code"], message["retryable"]), ("generator_failed", True))
            self.assertIn("The GPU is out of memory.", message["message"])
            self.assertIn("Tried to allocate 2.00 GiB", message["message"])
            self.assertEqual(worker.segment(2)[-1]["type"], "done")
            worker.wait_for_stderr("empty_cache")

    def test_tells_what_a_process_of_fastvideo_printed_before_it_died_and_ends(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, prompt="cuda")
            self.assertEqual((message["code"], message["retryable"]), ("worker_failed", True))
            self.assertIn("CUDA error: an illegal memory access", message["message"])
            self.assertTrue(worker.ends())

    def test_keeps_the_model_when_its_process_is_out_of_memory(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, prompt="child-oom")
            self.assertEqual((message["code"], message["retryable"]), ("generator_failed", True))
            self.assertIn("Tried to allocate 3.00 GiB", message["message"])
            self.assertEqual(worker.segment(2)[-1]["type"], "done")

    def test_ends_when_a_process_of_fastvideo_died(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, prompt="dies")
            self.assertEqual((message["code"], message["retryable"]), ("worker_failed", True))
            self.assertTrue(worker.ends())
            self.assertEqual(worker.process.returncode, 1)

    def test_a_bug_is_one_line_and_its_traceback_goes_to_stderr(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, prompt="bug")
            self.assertEqual((message["code"], message["retryable"]), ("generator_failed", False))
            self.assertIn("KeyError: 'third'", message["message"])
            self.assertEqual(worker.segment(2)[-1]["type"], "done")
            worker.wait_for_stderr("Traceback (most recent call last)")

    def test_names_both_sizes_when_the_model_makes_another(self):
        with WorkerProcess() as worker:
            worker.start()
            text = self.failed(worker, prompt="small")["message"]
            for part in ("8x8", "32x32", "default_request.sampling.width", "default_request.sampling.height"):
                self.assertIn(part, text)

    def test_no_frames_are_a_failure(self):
        with WorkerProcess() as worker:
            worker.start()
            self.assertIn("gave 0 frames", self.failed(worker, prompt="empty")["message"])

    def test_refuses_a_broken_frame_rate(self):
        with WorkerProcess() as worker:
            worker.start()
            message = self.failed(worker, fps=23.976)
            self.assertEqual(message["code"], "invalid_message")
            self.assertIn("default_request.sampling.fps", message["message"])

    def test_refuses_a_second_run_and_one_before_the_start(self):
        with WorkerProcess() as worker:
            self.assertEqual(self.failed(worker)["code"], "internal_error")
            worker.start()
            worker.run(2, prompt="slow")
            worker.receive_type("started")
            self.assertIn("busy", self.failed(worker, 3)["message"])


class StopTest(unittest.TestCase):
    def test_never_sends_more_than_the_window_without_an_ack(self):
        with WorkerProcess(window=3 * FRAME_BYTES) as worker:
            worker.start()
            worker.acknowledges = False
            worker.run(1)
            for _ in range(3):
                worker.receive_type("frame")
            self.assertTrue(worker.quiet(0.3))
            worker.send({"type": "ack", "run_id": 1, "bytes": FRAME_BYTES})
            worker.receive_type("frame")
            self.assertTrue(worker.quiet(0.2))

    def test_sends_one_message_however_large(self):
        with WorkerProcess(window=1) as worker:
            worker.start()
            self.assertEqual(worker.segment(1)[-1]["frames"], 25)

    def test_a_cancel_ends_at_the_next_frame_with_the_state_of_what_was_given(self):
        with WorkerProcess(window=(FRAME_BYTES + 8000) * 12) as worker:
            worker.start()
            worker.acknowledges = False
            worker.run(1, prompt="sound")
            for _ in range(12):
                worker.receive_type("audio")
            worker.send({"type": "cancel", "run_id": 1})
            state, done = worker.rest()
            self.assertEqual(done, {"type": "done", "run_id": 1, "frames": 12, "cancelled": True})
            worker.acknowledges = True
            messages = worker.segment(2, state, prompt="sound")
            self.assertEqual(numbers(messages), list(range(12, 28)))
            np.testing.assert_allclose(sound(messages)[::1000, 0], np.arange(12, 28) / 100, atol=1e-6)

    def test_a_cancel_while_the_model_computes_ends_the_run_at_once(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.run(1, prompt="slow")
            worker.receive_type("started")
            worker.send({"type": "cancel", "run_id": 1})
            self.assertEqual(worker.receive(), {"type": "done", "run_id": 1, "frames": 0, "cancelled": True})

    def test_a_cancel_takes_effect_between_two_steps(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.run(1, prompt="progress", num_inference_steps=10_000_000)
            worker.receive_type("step")
            worker.send({"type": "cancel", "run_id": 1})
            self.assertEqual(worker.receive_type("done")["frames"], 0)
            # The model would be busy with the first one for a day.
            self.assertEqual(worker.segment(2)[-1]["frames"], 25)

    def test_a_model_that_tells_no_steps_is_stopped_between_two_of_them_as_well(self):
        for how in ("cancel", "abandon"):
            with self.subTest(how), WorkerProcess() as worker:
                worker.start()
                worker.run(1, prompt="steps", num_inference_steps=10_000_000)
                worker.receive_type("step")
                worker.send({"type": how, "run_id": 1})
                worker.rest()
                # The model would be busy with the first one for a day.
                self.assertEqual(worker.segment(2)[-1]["frames"], 25)

    def test_a_run_that_is_stopped_before_the_model_begins_makes_nothing(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.run(1, prompt="steps", num_inference_steps=10_000_000)
            worker.receive_type("step")
            worker.send({"type": "cancel", "run_id": 1})
            worker.rest()
            worker.run(2, prompt="steps", num_inference_steps=10_000_000)
            worker.send({"type": "cancel", "run_id": 2})
            worker.rest()
            self.assertEqual(worker.segment(3)[-1]["frames"], 25)

    def test_an_abandoned_run_ends_at_once_and_the_next_waits_for_the_model(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.run(1, prompt="progress", num_inference_steps=30)
            worker.receive_type("step")
            worker.send({"type": "abandon", "run_id": 1})
            self.assertEqual(worker.rest()[-1]["type"], "failed")
            messages = worker.segment(2)
            self.assertEqual({message["run_id"] for message in messages}, {2})
            self.assertEqual(messages[-1]["frames"], 25)

    def test_an_abandon_wakes_a_run_that_waits_for_an_ack(self):
        with WorkerProcess(window=FRAME_BYTES) as worker:
            worker.start()
            worker.acknowledges = False
            worker.run(1)
            worker.receive_type("frame")
            worker.send({"type": "abandon", "run_id": 1})
            self.assertEqual(worker.rest()[-1]["type"], "failed")
            worker.acknowledges = True
            self.assertEqual(worker.segment(2)[-1]["type"], "done")

    def test_answers_a_ping_while_the_model_loads_and_works(self):
        with WorkerProcess() as worker:
            worker.send({"type": "ping", "id": 1})
            self.assertEqual(worker.receive(), {"type": "pong", "id": 1})
            worker.start()
            worker.run(1, prompt="slow")
            worker.receive_type("started")
            worker.send({"type": "ping", "id": 2})
            self.assertEqual(worker.receive(), {"type": "pong", "id": 2})


class EndTest(unittest.TestCase):
    def test_shutdown_closes_the_model_and_ends(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.send({"type": "shutdown"})
            self.assertTrue(worker.ends())
            self.assertEqual(worker.process.returncode, 0)
            self.assertEqual(worker.records[-1], {"shutdown": True})

    def test_the_end_of_stdin_ends_it_while_the_model_works(self):
        with WorkerProcess() as worker:
            worker.start()
            worker.run(1, prompt="slow")
            worker.receive_type("started")
            worker.process.stdin.close()
            self.assertTrue(worker.ends())
            self.assertEqual(worker.process.returncode, 0)

    def test_the_end_of_stdin_ends_it_while_the_model_loads(self):
        with WorkerProcess() as worker:
            worker.send({"type": "ping", "id": 1})
            worker.receive()
            worker.send(
                {
                    "type": "start",
                    "protocol": 1,
                    "generator": {"model_path": "slow"},
                    "default_request": {},
                    "conditioning": {"num_frames": 9, "end_offset": 0, "enable_audio_reencode": False},
                    "window_bytes": 1,
                }
            )
            worker.send({"type": "ping", "id": 2})
            worker.receive()
            worker.process.stdin.close()
            self.assertTrue(worker.ends())

    def test_ends_when_a_message_is_not_one(self):
        with WorkerProcess() as worker:
            worker.process.stdin.write(struct.pack(">II", 2**31, 0))
            worker.process.stdin.flush()
            self.assertTrue(worker.ends())
            worker.wait_for_stderr("over the limit")

    def test_leaves_sigint_and_sigterm_to_the_server(self):
        with WorkerProcess() as worker:
            worker.start()
            os.kill(worker.process.pid, signal.SIGINT)
            os.kill(worker.process.pid, signal.SIGTERM)
            self.assertEqual(worker.segment(1)[-1]["type"], "done")

    @unittest.skipUnless(sys.platform.startswith("linux"), "the kernel's parent-death signal is Linux's")
    def test_dies_with_a_server_that_is_killed_while_others_hold_its_stdin(self):
        # The pipe stays open in this process: only the kernel can tell the worker that the server is gone.
        read_end, write_end = os.pipe()
        server = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import subprocess, sys, time\n"
                "worker = subprocess.Popen([sys.executable, '-m', 'fastvideo_worker'], stdin=int(sys.argv[1]))\n"
                "print(worker.pid, flush=True)\n"
                "time.sleep(3600)",
                str(read_end),
            ],
            pass_fds=[read_end],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.abspath(__file__)))},
        )
        pid = int(server.stdout.readline())
        ping = json.dumps({"type": "ping", "id": 1}).encode()
        os.write(write_end, struct.pack(">II", len(ping), 0) + ping)
        # Its answer comes when it is ready for its server's death.
        self.assertEqual(len(server.stdout.read(8)), 8)
        self.assertTrue(alive(pid))
        server.kill()
        server.wait()
        server.stdout.close()
        deadline = time.monotonic() + HANG_SECONDS
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertFalse(alive(pid))
        os.close(read_end)
        os.close(write_end)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()
