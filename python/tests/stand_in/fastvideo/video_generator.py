import asyncio
import dataclasses
import functools
import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import time
import traceback
from types import SimpleNamespace

import numpy as np
import torch

from fastvideo.api import ContinuationState, GenerationResult, VideoFinalEvent, VideoPartialEvent, VideoProgressEvent
from fastvideo.api.compat import explicit_request_updates, request_to_sampling_param
from fastvideo.pipelines.basic.ltx2.stages import ltx2_denoising
from fastvideo.pipelines.lora_pipeline import LoRAPipeline
from fastvideo.pipelines.pipeline_batch_info import ForwardBatch
from fastvideo.families import family_of
from fastvideo.utils import best_output_size
from PIL import Image

RATE = 24_000
# Of LTX-2's conditions.
FRAME_STEP = 8
PICTURE_AREA = 480 * 832


def record(**entry):
    if "STAND_IN_RECORD" in os.environ:
        with open(os.environ["STAND_IN_RECORD"], "a") as file:
            file.write(json.dumps(entry, default=repr) + "\n")


def arguments(model_path):
    family = family_of(model_path)
    vae = SimpleNamespace(
        spatial_compression_ratio=family.size_step,
        scale_factor_spatial=family.size_step,
        temporal_compression_ratio=family.frame_step,
    )
    dit = SimpleNamespace(patch_size=family.patch)
    return SimpleNamespace(
        family=family,
        num_gpus=1,
        pipeline_config=SimpleNamespace(
            vae_config=SimpleNamespace(arch_config=vae),
            dit_config=SimpleNamespace(arch_config=dit),
            ti2v_task=family.ti2v,
        ),
        ltx2_refine_enabled="refine" in model_path,
        ltx2_refine_num_inference_steps=2,
        ltx2_refine_lora_path="refine.safetensors" if "refine-lora" in model_path else None,
    )


class Executor:
    """The process of the model, in this one: an exception that gets out of it is its end, as in the real one."""

    def __init__(self, args):
        self.wrapper = SimpleNamespace(rpc_rank=0, worker=Worker(args))
        self.wrapper.execute_forward = self.wrapper.worker.execute_forward
        self.alive = True

    def collective_rpc(self, method, args=(), kwargs=None):
        return [self._in_process(method, self.wrapper, *args)]

    def execute_forward(self, batch, args):
        return self._in_process(self.wrapper.execute_forward, batch, args)

    def _in_process(self, call, *args):
        if not self.alive:
            raise BrokenPipeError
        try:
            return call(*args)
        except Exception:
            self.alive = False
            print("Worker 0 hit an exception: ", end="", file=sys.stderr)
            traceback.print_exc()
            os.kill(os.getpid(), signal.SIGQUIT)
            raise EOFError from None


class Worker:
    def __init__(self, fastvideo_args):
        self.fastvideo_args = fastvideo_args
        self.pipeline = type(fastvideo_args.family.pipeline, (LoRAPipeline,), {})()

    def execute_forward(self, batch, args):
        weights = self.pipeline.weights()
        if weights:
            record(weights=weights, prompt=batch.prompt)
        result = make(batch, args)
        if not batch.return_frames:
            result.output = torch.zeros((0,))
        return result


class VideoGenerator:
    def __init__(self, args):
        self.fastvideo_args = args
        self.executor = Executor(args)

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
        return cls(arguments(config.model_path))

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
        wanted = values.get("return_frames", True)
        batch = ForwardBatch("video", prompt=request.prompt, values=values, return_frames=wanted)
        output = await asyncio.to_thread(self._forward, batch)
        frames, extra = frames_of(output.output) if wanted or "partial" in words else [], output.extra
        given = 0
        if "partial" in words:
            for index, first in enumerate(range(0, len(frames) - 4, 4)):
                given = first + 4
                yield VideoPartialEvent(frames=np.stack(frames[first:given]), index=index)
                await asyncio.sleep(0.05)
        if "rest" in words:
            frames = frames[given:]
        if "floats" in words:
            frames = [frame.astype(np.float32) / 255 for frame in frames]
        if "array" in words or "tensor" in words:
            frames = np.stack(frames)
        if "tensor" in words:
            frames = torch.Tensor(frames)
        if not wanted:
            frames = None
        state = ContinuationState("ltx2.v1", {"at": output.output.shape[2]}) if "native" in words else None
        result = GenerationResult(frames, extra.pop("audio"), extra.pop("audio_sample_rate"), state, extra)
        yield VideoFinalEvent(frames=frames, result=result, continuation_state=state)

    def _forward(self, batch):
        words = batch.prompt.split()
        if "oom" in words:
            raise RuntimeError("Forward execution thread failed.\nTraceback") from torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 2.00 GiB."
            )
        try:
            return self.executor.execute_forward(batch, self.fastvideo_args)
        except BaseException as error:
            raise RuntimeError("Forward execution thread failed.\nTraceback") from error


def frames_of(output):
    """As the release makes them, all at once."""
    pictures = output.array[0] if output.dtype == np.uint8 else (output.array[0] * 255).clip(0, 255).astype(np.uint8)
    return [np.ascontiguousarray(picture) for picture in pictures.transpose(1, 2, 3, 0)]


def make(batch, args):
    """A run in the process of the model."""
    words, values, extras = batch.prompt.split(), batch.values, batch.extra
    if "prints" in words:
        print("a library prints")
        subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
    if "logs" in words:
        print(f"INFO 11-28 12:00:00 [video_generator.py:773]\n                      prompt: {batch.prompt}\n{ascii(batch.prompt)}")
    if "quotes" in words:
        raise RuntimeError(f"The text encoder refuses {batch.prompt!r}")
    if "slow" in words:
        time.sleep(3600)
    if "bug" in words:
        raise RuntimeError("The first line.\nTraceback (most recent call last):\nKeyError: 'third'")
    if "child-oom" in words:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3.00 GiB.")
    if "cuda" in words:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")
    if "dies" in words:
        os.kill(os.getpid(), signal.SIGQUIT)
        raise SystemExit
    check(batch, args)
    # So that nothing is left to do behind the last step.
    drawn = ready(values) if "ready" in words else None
    denoise(words, values["num_inference_steps"])
    if args.ltx2_refine_enabled:
        denoise(words, args.ltx2_refine_num_inference_steps)
    if drawn is not None:
        silent = {"audio": None, "audio_sample_rate": None, "ltx2_audio_latents": None}
        return ForwardBatch(data_type=batch.data_type, output=drawn, extra=silent)
    return draw(batch, args.family, words, values, extras)


def check(batch, args):
    """What the real one chokes on."""
    batch.prompt.encode()
    (batch.values.get("negative_prompt") or "").encode()
    family = args.family
    size_step = family.size_step * (family.patch or (1, 1))[1]
    for key in ("width", "height"):
        if batch.values[key] % size_step:
            raise ValueError(f"Height and width must be divisible by {size_step} but are {batch.values[key]}")
    if batch.values["seed"] < 0:
        raise ValueError("Field 'seed' has to be a non-negative int")
    picture = batch.values.get("image_path")
    if picture is not None:
        batch.pil_image = Image.open(picture)
        batch.pil_image.load()
        digest = hashlib.sha256(np.ascontiguousarray(batch.pil_image.array)).hexdigest()
        record(picture=batch.pil_image.size, digest=digest, last=getattr(batch.values.get("last_image"), "size", None))
    elif family.workload == "i2v":
        raise ValueError("Missing pil_image")
    if family.ti2v and batch.pil_image is not None:
        step = family.size_step * family.patch[1]
        batch.values["width"], batch.values["height"] = best_output_size(*batch.pil_image.size, step, step, PICTURE_AREA)
    if family.name == "minimax_h3":
        check_h3(batch.values)
    for images, index, strength in batch.values.get("ltx2_video_conditions") or []:
        frames = len(images)
        if (frames - 1) % FRAME_STEP or index != 0 or not 0 <= strength <= 1:
            raise ValueError(f"Invalid condition: {frames} frames at {index} with {strength}")
    clean = batch.extra.get("ltx2_audio_clean_latent")
    if clean is not None and not np.isfinite(clean.array).all():
        raise ValueError("The sound is not finite")


@functools.cache
def film(width, height, count):
    """Pictures like those of a camera: a gradient that moves, with a little noise."""
    noise = np.random.default_rng(7).integers(0, 4, (height, width, 3), np.uint8)
    across = (np.arange(width) % 200).astype(np.uint8)[None, :, None]
    pictures = np.empty((count, height, width, 3), np.uint8)
    for number, picture in enumerate(pictures):
        np.add(np.roll(across, 2 * number, axis=1), np.roll(noise, number, axis=0), out=picture)
    return torch.Tensor(pictures.transpose(3, 0, 1, 2)[None])


def ready(values):
    return film(values["width"], values["height"], values["num_frames"])


def check_h3(values):
    if values["fps"] != 24 or values["guidance_scale"] != 1.0 or values["num_inference_steps"] < 2:
        raise ValueError("MiniMax-H3 has a fixed rate and no guidance")
    if not 5.0 <= (values["num_frames"] + (5 - values["num_frames"]) % 17) / 24 <= 15.0:
        raise ValueError("MiniMax-H3 generates 5-15 seconds")


def denoise(words, steps):
    # One that tells its steps by itself shows no bar.
    for _ in range(steps) if "progress" in words else ltx2_denoising.tqdm(range(steps)):
        if "steps" in words:
            time.sleep(0.01)


def draw(batch, family, words, values, extras):
    width, height, count, fps = (values[key] for key in ("width", "height", "num_frames", "fps"))
    if "small" in words:
        width = height = 8
    conditions = values.get("ltx2_video_conditions")
    start, head = 0, 0
    if conditions:
        images, index, strength = conditions[0]
        assert index == 0 and values["ltx2_image_crf"] == 0.0
        start, head = int(images[0].array[0, 0, 0]), len(images)
    if not {"small", "empty"} & set(words):
        # As the VAE does.
        count = family.frames(count)
    begins = batch.pil_image.resize((width, height)).array if batch.pil_image is not None and family.name != "ltx2" else None
    if begins is not None:
        start = int(begins[0, 0, 0])
    numbers = np.arange(0 if "empty" in words else count)
    frames = []
    for number in numbers:
        # Noise in blue, so that states are large.
        frame = np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)
        frame[:, :, 0] = (start + number) % 251
        frame[:, :, 1] = number % 251
        if conditions and number < head:
            frame[:, :, 0] = conditions[0][0][number].array[0, 0, 0]
        frames.append(begins.copy() if begins is not None and number == 0 else frame)
    stacked = np.stack(frames) if frames else np.zeros((0, height, width, 3), np.uint8)
    output = torch.Tensor(stacked.transpose(3, 0, 1, 2)[None])
    if "decimals" in words:
        # A little over what they are cut to, and beyond both ends.
        output = torch.Tensor(output.array.astype(np.float32) * (1.002 / 255) - 0.0005)

    audio = latents = None
    if "sound" in words:
        lead = round(extras.get("video_position_offset_sec", 0) * fps)
        total = round(extras.get("audio_num_frames", count) / fps * 25)
        # The decoder loses three frames of the spectrogram.
        samples = (4 * total - 3) * RATE // 100
        sound_numbers = start - lead + np.arange(math.ceil(samples / (RATE // fps)))
        track = np.repeat((sound_numbers % 100) / 100, RATE // fps).astype(np.float32)[:samples]
        audio = torch.Tensor(np.stack([track, -track]))
        latents = torch.zeros((1, 8, total, 16))
        latents[:, :, :, :] = (start - lead + np.arange(total) * fps / 25)[None, None, :, None]
        if "ltx2_audio_clean_latent" in extras:
            clean, mask = extras["ltx2_audio_clean_latent"], extras["ltx2_audio_denoise_mask"]
            assert clean.shape == (1, 8, total, 16) and mask.shape == (1, 1, total, 1)
            kept = mask.array[0, 0, :, 0] == 0
            # What is kept of the sound before has to lie where it lay in time.
            shift = np.abs(clean.array[0, 0, kept, 0] - latents.array[0, 0, kept, 0])
            record(kept=int(kept.sum()), lead=int(lead), shift=float(shift.max()))
    if "mono16" in words:
        audio = np.full(RATE * count // fps, 16384, np.int16)
    rate = None if audio is None else RATE
    extra = {"audio": audio, "audio_sample_rate": rate, "ltx2_audio_latents": latents}
    return ForwardBatch(data_type=batch.data_type, output=output, extra=extra)
