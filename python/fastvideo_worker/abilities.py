"""What a loaded model can do besides videos from text, as far as FastVideo tells it.

FastVideo has no list of that. What a preset is for (``workload_type``) says whether its model makes videos from a picture
only; ``ti2v_task`` of a pipeline's config, that it may begin with one (Wan 2.2 TI2V); LTX-2 and MiniMax H3 have ways of
their own. All of them take the picture as ``inputs.image_path``, and their first frame is this picture again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastvideo_worker.failures import WorkerError
from fastvideo_worker.limits import refused

# `InputValidationStage`: of a video that begins with a picture, for models whose `picture_steps` are told.
PICTURE_AREA = 480 * 832


@dataclass(frozen=True)
class Abilities:
    family: str | None = None
    sound: bool = False
    first_frame: bool = False
    needs_first_frame: bool = False
    last_frame: bool = False
    picture_steps: tuple[int, int] | None = None
    """Where FastVideo chooses the size of a video from the shape of its first picture: of which multiples."""

    @classmethod
    def of(cls, family: str | None, workload: str | None, said: dict[str, Any]) -> Abilities:
        """``workload``: of the model's preset; ``said``: see ``guard.describe``."""
        if family == "ltx2":
            return cls(family, sound=True, first_frame=True)
        if family == "minimax_h3":
            # Its other pipeline makes videos from references only.
            keyframes = "Ref" not in (said.get("pipeline") or "")
            return cls(family, sound=True, first_frame=keyframes, last_frame=keyframes)
        needs = workload == "i2v"
        steps = said.get("picture_steps")
        return cls(
            family,
            first_frame=needs or bool(said.get("begins_with_picture")),
            needs_first_frame=needs and not said.get("begins_with_picture"),
            picture_steps=(int(steps[0]), int(steps[1])) if steps else None,
        )

    @property
    def pictures(self) -> list[str]:
        """As `ready` names them."""
        return ["first_frame"] * self.first_frame + ["last_frame"] * self.last_frame

    def size_from_picture(self, width: int, height: int) -> tuple[int, int]:
        """The size of a video that begins with a picture of this size."""
        if self.picture_steps is None:
            return width, height
        from fastvideo.utils import best_output_size

        made: tuple[int, int] = best_output_size(width, height, *self.picture_steps, PICTURE_AREA)
        return made

    def picture_problem(self, width: int, height: int) -> str | None:
        """Why a video of this size cannot begin with a picture, and the size that can."""
        asked = near = (width, height)
        # A picture of the size that is made need not give this size again; the next one does.
        for _ in range(4):
            if (made := self.size_from_picture(*near)) == near:
                break
            near = made
        if near == asked:
            return None
        return (
            f"width and height are {width} and {height}; from a picture this model makes {near[0]}x{near[1]}: set width to "
            f"{near[0]} and height to {near[1]}."
        )

    def check_picture(self, request: dict[str, Any]) -> None:
        """Raises :class:`WorkerError` where a video of the request's size cannot begin with a picture."""
        if (problem := self.picture_problem(request["width"], request["height"])) is not None:
            raise refused(problem)


def preset_workload(preset: str | None, family: str | None) -> str | None:
    """What FastVideo says a preset is for: ``t2v``, ``i2v``; None where it does not."""
    from fastvideo.api import ConfigValidationError, get_preset

    if preset is None or family is None:
        return None
    try:
        return str(get_preset(preset, family).workload_type)
    except ConfigValidationError:
        return None


def beginning_missing() -> WorkerError:
    return refused(
        "initial_image is missing; this model makes videos from a picture: send one with the first message, or set "
        "default_request.inputs.image_path."
    )
