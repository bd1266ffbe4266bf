"""What a loaded model takes, and requests that are refused before it sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastvideo_worker.failures import WorkerError

# What FastVideo asks of every model (`InputValidationStage`).
LEAST_SIZE_MULTIPLE = 8
LEAST_SEED = 0
# LTX-2's own (`LTX2VAEArchConfig`), where the loaded model does not say it.
LTX2_SIZE_MULTIPLE = 32
LTX2_FRAME_STEP = 8


@dataclass(frozen=True)
class Limits:
    size_multiple: int = LEAST_SIZE_MULTIPLE
    """Width and height are multiples of it."""
    frame_step: int = 1
    """The model makes one frame and a multiple of these; other counts are made longer and cut."""
    refine_steps: int = 0
    """Denoising steps of a second stage, which come behind those that a request asks for."""

    @classmethod
    def of(cls, family: str | None, said: dict[str, Any]) -> Limits:
        """``said``: what FastVideo's process says of the model, as far as it does."""
        if family != "ltx2":
            return cls()
        refine_steps = said.get("refine_steps") or 0
        size = said.get("size_step") or LTX2_SIZE_MULTIPLE
        # A refiner makes the first stage at half the size.
        return cls(size * 2 if refine_steps else size, said.get("frame_step") or LTX2_FRAME_STEP, refine_steps)

    def message(self) -> dict[str, int]:
        """``limits`` of `ready`."""
        return {"size_multiple": self.size_multiple, "min_seed": LEAST_SEED}

    def frames_to_make(self, frames: int) -> int:
        """The next count that the model makes: the rest is cut."""
        return -(-(frames - 1) // self.frame_step) * self.frame_step + 1

    def check(self, request: dict[str, Any]) -> None:
        """Raises :class:`WorkerError` (``invalid_message``) for what this model cannot make."""
        for name in ("prompt", "negative_prompt"):
            check_text(name, request.get(name))
        if request["seed"] < LEAST_SEED:
            raise refused(f"seed is {request['seed']}; FastVideo takes whole numbers from {LEAST_SEED}.")
        for name in ("width", "height"):
            check_size(name, request[name], self.size_multiple)


def check_size(name: str, value: int, multiple: int) -> None:
    if value % multiple == 0:
        return
    lower = value // multiple * multiple
    near = f"{lower} or {lower + multiple}" if lower > 0 else str(multiple)
    raise refused(f"{name} is {value}; the model makes multiples of {multiple}, for example {near}.")


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
