"""Any picture that a model gives, as the protocol wants it: RGB24, rows from the top, the size that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastvideo_worker.failures import WorkerError


def to_numpy(value: Any) -> np.ndarray[Any, Any]:
    """A numpy array of an array, a list of numbers or a torch tensor on any device."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):
            value = value.float()
        value = value.numpy()
    return np.asarray(value)


def frame_list(frames: Any) -> Sequence[Any]:
    """The frames one by one: a list as it is, an array or tensor (N, H, W, 3) by its first axis, one frame alone."""
    if frames is None:
        return []
    if isinstance(frames, Sequence):
        return frames
    array = to_numpy(frames)
    if array.ndim == 3:
        return [array]
    if array.ndim != 4:
        raise WorkerError(f"FastVideo gave frames of shape {array.shape}; (frames, height, width, 3) is expected.")
    return list(array)


def to_rgb8(frame: Any) -> np.ndarray[Any, Any]:
    """One frame as uint8 (H, W, 3). Floats count from 0 to 1."""
    array = to_numpy(frame)
    if array.ndim != 3 or array.shape[2] != 3:
        raise WorkerError(f"FastVideo gave a frame of shape {array.shape}; (height, width, 3) is expected.")
    if array.dtype != np.uint8:
        if not np.issubdtype(array.dtype, np.floating):
            raise WorkerError(f"FastVideo gave a frame of {array.dtype}; uint8, or floats from 0 to 1, are expected.")
        array = (np.nan_to_num(array.astype(np.float32)).clip(0.0, 1.0) * 255.0).round().astype(np.uint8)
    return np.ascontiguousarray(array)


def rgb24(frame: Any, width: int, height: int) -> memoryview:
    """The bytes of one frame. A frame of another size is refused: nothing here may scale what the model made."""
    array = to_rgb8(frame)
    if array.shape[:2] != (height, width):
        raise WorkerError(
            f"The model made frames of {array.shape[1]}x{array.shape[0]}, but {width}x{height} was asked for: set "
            f"default_request.sampling.width to {array.shape[1]} and default_request.sampling.height to "
            f"{array.shape[0]}, or to another size that the model makes exactly."
        )
    return array.data.cast("B")
