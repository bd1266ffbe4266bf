import asyncio
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import torch

from fastvideo.api import ContinuationState, GenerationResult, VideoFinalEvent, VideoPartialEvent, VideoProgressEvent
from fastvideo.api.compat import explicit_request_updates, request_to_sampling_param

RATE = 24_000


def record(**entry):
    if "STAND_IN_RECORD" in os.environ:
        with open(os.environ["STAND_IN_RECORD"], "a") as file:
            file.write(json.dumps(entry, default=repr) + "\n")


class VideoGenerator:
    @classmethod
    def from_pretrained(cls, model_path=None, **kwargs):
        config = kwargs["config"]
        print("Loading", config.model_path)
        if "missing" in config.model_path:
            raise ValueError(f"Could not find model at {config.model_path}\nand a second line")
        if "no-worker" in config.model_path:
            raise Exception(
                "WorkerMultiprocProc initialization failed due to exceptions in background processes:\n"
                "  - Worker 0 error: weights do not fit\nTraceback (most recent call last):\nValueError: weights"
            )
        if "slow" in config.model_path:
            time.sleep(3600)
        record(config=dataclasses.asdict(config) | {"raw": config.raw})
        return cls()

    def shutdown(self):
        record(shutdown=True)

    def generate(self, request, *, log_queue=None):
        raise AssertionError("generate_async is there")

    async def generate_async(self, request, *, log_queue=None):
        request_to_sampling_param(request, model_path="m")
        words = request.prompt.split()
        values = explicit_request_updates(request)
        record(call="generate_async", raw=request.raw)
        yield VideoProgressEvent(step=0, total_steps=values["num_inference_steps"])
        if "progress" in words:
            for step in range(1, values["num_inference_steps"] + 1):
                await asyncio.sleep(0.01)
                yield VideoProgressEvent(step=step, total_steps=values["num_inference_steps"])
        legacy = await asyncio.to_thread(self._make, request.prompt, values, {})
        frames = legacy["frames"]
        given = 0
        if "partial" in words:
            for index, first in enumerate(range(0, len(frames) - 4, 4)):
                given = first + 4
                yield VideoPartialEvent(frames=np.stack(frames[first:given]), index=index)
                await asyncio.sleep(0.05)
        if "rest" in words:
            frames = frames[given:]
        state = ContinuationState("ltx2.v1", {"at": len(frames)}) if "native" in words else None
        extra = {"ltx2_audio_latents": legacy["ltx2_audio_latents"]}
        result = GenerationResult(frames, legacy["audio"], legacy["audio_sample_rate"], state, extra)
        yield VideoFinalEvent(frames=frames, result=result, continuation_state=state)

    def generate_video(self, prompt=None, sampling_param=None, **kwargs):
        record(call="generate_video", arguments=sorted(kwargs))
        extras = {
            key: kwargs.pop(key)
            for key in (
                "ltx2_audio_clean_latent",
                "ltx2_audio_denoise_mask",
                "audio_num_frames",
                "video_position_offset_sec",
            )
            if key in kwargs
        }
        return self._make(prompt, kwargs, extras)

    def _make(self, prompt, values, extras):
        words = prompt.split()
        if "prints" in words:
            print("a library prints")
            subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
        if "logs" in words:
            print(f"INFO 11-28 12:00:00 [video_generator.py:773]\n                      prompt: {prompt}\n{ascii(prompt)}")
        if "quotes" in words:
            raise RuntimeError(f"The text encoder refuses {prompt!r}")
        if "slow" in words:
            time.sleep(3600)
        if "bug" in words:
            raise RuntimeError("The first line.\nTraceback (most recent call last):\nKeyError: 'third'")
        if "oom" in words:
            raise RuntimeError("Forward execution thread failed.\nTraceback") from torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 2.00 GiB."
            )
        if "child-oom" in words or "dies" in words:
            if "child-oom" in words:
                print("Worker 0 hit an exception: Traceback (most recent call last):", file=sys.stderr)
                print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB.", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGQUIT)
            raise RuntimeError("Forward execution thread failed.") from EOFError()

        width, height, count, fps = (values[key] for key in ("width", "height", "num_frames", "fps"))
        if "small" in words:
            width = height = 8
        conditions = values.get("ltx2_video_conditions")
        start, head = 0, 0
        if conditions:
            images, index, strength = conditions[0]
            assert (index, strength) == (0, 1.0) and values["ltx2_image_crf"] == 0.0
            start, head = int(images[0].array[0, 0, 0]), len(images)
        numbers = np.arange(0 if "empty" in words else count)
        frames = []
        for number in numbers:
            # Noise in blue, so that states are large.
            frame = np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)
            frame[:, :, 0] = (start + number) % 251
            frame[:, :, 1] = number % 251
            if conditions and number < head:
                frame[:, :, 0] = conditions[0][0][number].array[:, :, 0]
            frames.append(frame)
        if "floats" in words:
            frames = [frame.astype(np.float32) / 255 for frame in frames]
        if "array" in words or "tensor" in words:
            frames = np.stack(frames)
        if "tensor" in words:
            frames = torch.Tensor(frames)

        audio = latents = None
        if "sound" in words:
            lead = extras.get("audio_num_frames", count) - count
            assert abs(extras.get("video_position_offset_sec", 0) - lead / fps) < 1e-9
            sound_numbers = start - lead + np.arange(count + lead)
            track = np.repeat((sound_numbers % 100) / 100, RATE // fps).astype(np.float32)
            audio = torch.Tensor(np.stack([track, -track]))
            total = round((count + lead) / fps * 25)
            latents = torch.zeros((1, 8, total, 16))
            latents[:, :, :, :] = (start - lead + np.arange(total) * fps / 25)[None, None, :, None]
            if "ltx2_audio_clean_latent" in extras:
                clean, mask = extras["ltx2_audio_clean_latent"], extras["ltx2_audio_denoise_mask"]
                assert clean.shape == (1, 8, total, 16) and mask.shape == (1, 1, total, 1)
                kept = mask.array[0, 0, :, 0] == 0
                # What is kept of the sound before has to lie where it lay in time.
                shift = np.abs(clean.array[0, 0, kept, 0] - latents.array[0, 0, kept, 0])
                assert shift.max() <= 1.0, shift
                record(kept=int(kept.sum()), lead=int(lead))
        if "mono16" in words:
            audio = np.full(RATE * count // fps, 16384, np.int16)
        return {
            "frames": frames,
            "audio": audio,
            "audio_sample_rate": None if audio is None else RATE,
            "ltx2_audio_latents": latents,
        }
