"""LTX-2's continuation state as it comes back from a client, who may have kept, changed or written it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from fastvideo_worker.failures import WorkerError, one_line
from fastvideo_worker.frames import to_numpy
from fastvideo_worker.pictures import png_size

KIND = "ltx2.v1"
# A state holds 9 frames as a rule; all that it holds is unpacked at once.
MOST_STATE_PIXELS = 2**28
# DEFAULT_LTX2_AUDIO_CHANNELS and _MEL_BINS in fastvideo.models.dits.ltx2.
AUDIO_CHANNELS = 8
AUDIO_BINS = 16
MOST_AUDIO_LATENTS = 10_000
AUDIO_FRAMES = 49
"""Frames of sound that a segment continues from, if there are so many."""


def read_state(payload: dict[str, Any], frame_step: int) -> Any:
    """FastVideo's ``LTX2ContinuationState``, all of it checked. Raises :class:`WorkerError` (``preset_mismatch``) with
    what is wrong with it."""
    from fastvideo.api import ContinuationState
    from fastvideo.pipelines.basic.ltx2.continuation import LTX2ContinuationState

    try:
        check_pictures(payload.get("video"), frame_step)
        state = LTX2ContinuationState.from_continuation_state(ContinuationState(kind=KIND, payload=payload))
        check_numbers(state)
        if state.audio_latents is not None:
            check_latents(state.audio_latents)
    except Exception as error:
        raise WorkerError(f"The continuation state cannot be used: {one_line(error)}.", "preset_mismatch") from None
    return state


def check_pictures(video: Any, frame_step: int) -> None:
    """Their number and their sizes, before any of them is unpacked."""
    texts = video.get("frames_b64") if isinstance(video, Mapping) else None
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("it holds no frames")
    if (len(texts) - 1) % frame_step != 0:
        raise ValueError(f"it holds {len(texts)} frames, and the model takes {frame_step}k + 1 (1, {frame_step + 1}, ...)")
    sizes = [png_size(base64.b64decode(text, validate=True)) for text in texts]
    if len(set(sizes)) > 1:
        raise ValueError("its frames have several sizes")
    (width, height), count = sizes[0], len(sizes)
    if width * height * count > MOST_STATE_PIXELS:
        raise ValueError(f"it holds {count} frames of {width}x{height}, and at most {MOST_STATE_PIXELS} pixels are taken")


def check_numbers(state: Any) -> None:
    within("segment_index", state.segment_index, 0, 2**53)
    # What is cut of the next segment are its first frames: they have to be those of the state.
    within("video_conditioning_frame_idx", state.video_conditioning_frame_idx, 0, 0)
    within("video_conditioning_strength", state.video_conditioning_strength, 0, 1)
    within("audio_conditioning_strength", state.audio_conditioning_strength, 0, 1)
    within("audio_conditioning_num_frames", state.audio_conditioning_num_frames, 0, AUDIO_FRAMES)


def within(name: str, value: float, least: float, most: float) -> None:
    # NaN is in no range.
    if not least <= value <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise ValueError(f"{name} is {value}, and {wanted} is taken")


def check_latents(latents: Any) -> None:
    array = to_numpy(latents)
    wanted = f"(1, {AUDIO_CHANNELS}, latents, {AUDIO_BINS})"
    if array.ndim != 4 or (array.shape[0], array.shape[1], array.shape[3]) != (1, AUDIO_CHANNELS, AUDIO_BINS):
        raise ValueError(f"its sound has the shape {tuple(array.shape)}, and {wanted} is taken")
    if not 1 <= array.shape[2] <= MOST_AUDIO_LATENTS:
        raise ValueError(f"its sound has {array.shape[2]} latents, and 1 to {MOST_AUDIO_LATENTS} are taken")
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"its sound is of {array.dtype}, and floats are taken")
    if not np.isfinite(array).all():
        raise ValueError("its sound holds numbers that are not finite")
