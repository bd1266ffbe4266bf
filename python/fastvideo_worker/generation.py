"""The request that FastVideo gets: what the operator wrote, then what this run asks for, and nothing else.

Only keys that someone wrote are set. FastVideo tells them from its defaults, and lets the defaults of the model's
preset stand where nothing was written; a request that is filled in completely would overrule the preset.
"""

from __future__ import annotations

import copy
from typing import Any

from fastvideo_worker.failures import WorkerError

SAMPLING_KEYS = ("seed", "width", "height", "num_frames", "num_inference_steps", "guidance_scale")


def request_mapping(
    default_request: dict[str, Any],
    request: dict[str, Any],
    output_path: str,
    return_state: bool,
    return_frames: bool,
    num_frames: int,
) -> dict[str, Any]:
    """A mapping for ``parse_config(GenerationRequest, ...)``.

    ``output_path`` is a folder that FastVideo makes sure of although nothing is saved there (its default is ``outputs``
    in the working directory); the operator's own wins.
    ``num_frames`` stands in place of the request's: what the model makes may be cut.
    ``return_frames``: whether FastVideo makes pictures of the decoder's output.
    ``return_state``: whether FastVideo makes continuation states itself and takes the wish for one.
    """
    raw = copy.deepcopy(default_request)
    raw["prompt"] = request["prompt"]
    if request.get("negative_prompt") is not None:
        raw["negative_prompt"] = request["negative_prompt"]
    sampling = {**{key: request[key] for key in SAMPLING_KEYS}, "num_frames": num_frames}
    raw["sampling"] = {**(raw.get("sampling") or {}), **sampling, "fps": whole_frame_rate(request["fps"])}
    if request.get("init_image_path") is not None:
        raw["inputs"] = {**(raw.get("inputs") or {}), "image_path": request["init_image_path"]}
    if request.get("last_image_path") is not None:
        raw["inputs"] = {**(raw.get("inputs") or {}), "last_image": opened(request["last_image_path"])}
    output = {"output_path": output_path, **(raw.get("output") or {})}
    raw["output"] = {**output, "save_video": False, "return_frames": return_frames}
    if return_state:
        raw["output"]["return_state"] = True
    return raw


def opened(path: str) -> Any:
    """FastVideo takes a last frame as a picture of Pillow's, and no path of one."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image


def whole_frame_rate(fps: float) -> int:
    if float(fps) != int(fps):
        raise WorkerError(
            f"FastVideo makes whole numbers of frames a second, and {fps} was asked for: set "
            "default_request.sampling.fps to a whole number.",
            "invalid_message",
        )
    return int(fps)
