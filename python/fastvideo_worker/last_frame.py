"""How a segment of a model that takes a picture continues the one before: it begins with that one's last frame.

The state is this frame as a PNG. The model makes the picture that it is given again as the first frame of its result, so
this frame is dropped, and of the sound the time of it: a request for N frames brings N frames first, and N - 1 in every
segment that continues another. Sound is not continued: it begins anew with each segment.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Any

from fastvideo_worker.abilities import Abilities
from fastvideo_worker.conditioning import Conditioning
from fastvideo_worker.failures import WorkerError, one_line
from fastvideo_worker.frames import to_rgb8
from fastvideo_worker.limits import refused
from fastvideo_worker.pictures import png_size, rewritten
from fastvideo_worker.png import encode_png

SCHEMA_VERSION = 1
MOST_SEGMENTS = 2**53


class LastFrameContinuation:
    """Reads and writes states of the models of one family."""

    name = "last_frame"

    def __init__(self, abilities: Abilities, end_offset: int) -> None:
        self.kind = f"{abilities.family}.last_frame.v1"
        self._abilities = abilities
        self._end_offset = end_offset

    def first(self, made_frames: int, request: dict[str, Any]) -> Conditioning:
        """Of a segment that continues none."""
        return Conditioning()

    def condition(
        self, payload: dict[str, Any], made_frames: int, request: dict[str, Any], folder: str
    ) -> Conditioning:
        """Writes the picture to ``folder``. Raises :class:`WorkerError`: ``preset_mismatch`` for a state that cannot be
        used, ``invalid_message`` for a segment of one frame, which would be this picture again."""
        size = (request["width"], request["height"])
        try:
            segment_index = check_index(payload)
            path = write_picture(payload, size, folder)
        except (ValueError, WorkerError) as error:
            raise WorkerError(f"The continuation state cannot be used: {one_line(error).rstrip('.')}.", "preset_mismatch") from None
        self._abilities.check_picture(request)
        if request["num_frames"] < 2:
            raise refused("num_frames is 1, and a segment begins with the last frame of the one before it, which is cut.")
        return Conditioning(segment_index + 1, head_frames=1, sound_frames=1, inputs={"image_path": path})

    def snapshot(
        self, frames: Sequence[Any], given: int, result: Any, request: dict[str, Any], before: Conditioning
    ) -> dict[str, Any] | None:
        """The payload of the state after the first ``given`` of a result's ``frames``, the cut one counted. None where no
        segment can go on from it."""
        last = given - 1 - self._end_offset
        if last < 0 or self._abilities.picture_problem(request["width"], request["height"]) is not None:
            return None
        png = encode_png(to_rgb8(frames[last]))
        return {
            "schema_version": SCHEMA_VERSION,
            "segment_index": before.segment_index,
            "frame_b64": base64.b64encode(png).decode("ascii"),
        }


def check_index(payload: Mapping[str, Any]) -> int:
    """Raises ``ValueError`` for a payload that is not of :data:`SCHEMA_VERSION`."""
    version, index = payload.get("schema_version"), payload.get("segment_index")
    if version != SCHEMA_VERSION:
        raise ValueError(f"its schema_version is {version!r}, and {SCHEMA_VERSION} is taken")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < MOST_SEGMENTS:
        raise ValueError(f"its segment_index is {index!r}, and a whole number from 0 is taken")
    return index


def write_picture(payload: Mapping[str, Any], size: tuple[int, int], folder: str) -> str:
    """The path of the picture, read and written anew. Raises ``ValueError`` or :class:`WorkerError`."""
    text = payload.get("frame_b64")
    if not isinstance(text, str):
        raise ValueError("it holds no frame")
    data = base64.b64decode(text, validate=True)
    # Before it is unpacked.
    if (found := png_size(data)) != size:
        raise ValueError(f"its frame is {found[0]}x{found[1]}, and {size[0]}x{size[1]} is asked for")
    source = os.path.join(folder, "given_frame")
    with open(source, "wb") as file:
        file.write(data)
    return rewritten(source, "frame", os.path.join(folder, "frame_before.png"))
