"""What a loaded model takes, and requests that are refused before it sees them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fastvideo_worker.failures import WorkerError

# What FastVideo asks of every model (`InputValidationStage`).
LEAST_SIZE_MULTIPLE = 8
LEAST_SEED = 0
# LTX-2's own (`LTX2VAEArchConfig`), where the loaded model does not say it.
LTX2_SIZE_MULTIPLE = 32
LTX2_FRAME_STEP = 8
# MiniMax H3's own (`fastvideo.pipelines.basic.minimax_h3.packing`): 17k + 5 frames of 5 to 15 s at 24 frames a second.
H3_SIZE_MULTIPLE = 32
H3_FRAME_STEP, H3_FRAME_REST = 17, 5
H3_FRAMES = (124, 345)
H3_FPS = 24
H3_GUIDANCE = 1.0
H3_LEAST_STEPS = 2


@dataclass(frozen=True)
class Limits:
    size_multiple: int = LEAST_SIZE_MULTIPLE
    """Width and height are multiples of it."""
    frame_step: int = 1
    """The model makes ``frame_rest`` frames and a multiple of these; other counts are made longer and cut."""
    frame_rest: int = 1
    min_frames: int | None = None
    max_frames: int | None = None
    refine_steps: int = 0
    """Denoising steps of a second stage, which come behind those that a request asks for."""
    family: str | None = None
    """Set where the family has rules of its own."""

    @classmethod
    def of(cls, family: str | None, said: dict[str, Any]) -> Limits:
        """``said``: what FastVideo's process says of the model, as far as it does."""
        if family == "minimax_h3":
            return cls(
                H3_SIZE_MULTIPLE,
                H3_FRAME_STEP,
                H3_FRAME_REST,
                min_frames=H3_FRAMES[0] - H3_FRAME_STEP + 1,
                max_frames=H3_FRAMES[1],
                family=family,
            )
        if family != "ltx2":
            size = said.get("size_step") or LEAST_SIZE_MULTIPLE
            return cls(math.lcm(size, LEAST_SIZE_MULTIPLE), said.get("frame_step") or 1)
        refine_steps = said.get("refine_steps") or 0
        size = said.get("size_step") or LTX2_SIZE_MULTIPLE
        # A refiner makes the first stage at half the size.
        return cls(
            size * 2 if refine_steps else size, said.get("frame_step") or LTX2_FRAME_STEP, refine_steps=refine_steps
        )

    def message(self) -> dict[str, int]:
        """``limits`` of `ready`."""
        said = {
            "size_multiple": self.size_multiple,
            "min_seed": LEAST_SEED,
            "min_frames": self.min_frames,
            "max_frames": self.max_frames,
        }
        if self.frame_step > 1:
            said |= {"frame_step": self.frame_step, "frame_rest": self.frame_rest}
        return {name: value for name, value in said.items() if value is not None}

    def frames_to_make(self, frames: int) -> int:
        """The next count that the model makes: the rest is cut."""
        return max(0, -(-(frames - self.frame_rest) // self.frame_step)) * self.frame_step + self.frame_rest

    def check(self, request: dict[str, Any]) -> None:
        """Raises :class:`WorkerError` (``invalid_message``) for what this model cannot make."""
        for name in ("prompt", "negative_prompt"):
            check_text(name, request.get(name))
        if request["seed"] < LEAST_SEED:
            raise refused(f"seed is {request['seed']}; FastVideo takes whole numbers from {LEAST_SEED}.")
        for name in ("width", "height"):
            check_size(name, request[name], self.size_multiple)
        check_frames(request["num_frames"], self.min_frames, self.max_frames)
        if self.family == "minimax_h3":
            check_h3(request)


def check_size(name: str, value: int, multiple: int) -> None:
    if value % multiple == 0:
        return
    lower = value // multiple * multiple
    near = f"{lower} or {lower + multiple}" if lower > 0 else str(multiple)
    raise refused(f"{name} is {value}; the model makes multiples of {multiple}, for example {near}.")


def check_frames(value: int, least: int | None, most: int | None) -> None:
    if least is not None and value < least:
        raise refused(f"num_frames is {value}; the model takes {least} or more.")
    if most is not None and value > most:
        raise refused(f"num_frames is {value}; the model takes {most} or less.")


def check_h3(request: dict[str, Any]) -> None:
    if request["fps"] != H3_FPS:
        raise refused(f"fps is {request['fps']}; this model makes {H3_FPS} frames a second.")
    if request["guidance_scale"] != H3_GUIDANCE:
        raise refused(f"guidance_scale is {request['guidance_scale']}; this model takes {H3_GUIDANCE} only.")
    if request["num_inference_steps"] < H3_LEAST_STEPS:
        raise refused(f"num_inference_steps is {request['num_inference_steps']}; this model takes {H3_LEAST_STEPS} or more.")
    if (request.get("negative_prompt") or "").strip():
        raise refused("negative_prompt is given; this model takes none.")


def check_text(name: str, text: str | None) -> None:
    try:
        (text or "").encode()
    except UnicodeEncodeError as error:
        raise refused(
            f"{name}: character {error.start + 1} is half of a surrogate pair (U+{ord(error.object[error.start]):04X}); "
            "send whole characters."
        ) from None


def refused(message: str) -> WorkerError:
    return WorkerError(message, "invalid_message")
