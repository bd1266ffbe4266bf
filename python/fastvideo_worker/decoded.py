"""Frames out of what the model's decoder gave, while they are sent.

FastVideo makes three things of it before it gives a frame: a float copy of the whole in the host's memory (``samples``, 3 GB for
121 frames of 1920x1088), which nobody reads, a second float copy on the GPU, and all pictures at once. Here a few frames are
converted at a time, on the device that they are on, so that the first is there at once and next to no memory is held.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from fastvideo_worker.failures import WorkerError
from fastvideo_worker.frames import to_numpy

CHUNK_FRAMES = 8
# One that is sent, the next, and two for a state.
KEPT_CHUNKS = 4


class DecodedFrames(Sequence[Any]):
    """Of a tensor (1, 3, frames, height, width) of floats from 0 to 1, or of uint8. The frames are uint8 (height, width, 3),
    each the same as FastVideo makes it. For any number of threads."""

    def __init__(self, output: Any) -> None:
        shape = tuple(output.shape)
        if len(shape) != 5 or shape[0] != 1 or shape[1] != 3:
            raise WorkerError(f"FastVideo gave an output of shape {shape}; (1, 3, frames, height, width) is expected.")
        self._output = output
        self._chunks: dict[int, Any] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return int(self._output.shape[2])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        chunk, place = divmod(at, CHUNK_FRAMES)
        with self._lock:
            pictures = self._chunks.pop(chunk, None)
            if pictures is None:
                pictures = self._convert(chunk * CHUNK_FRAMES)
            # The one that was used last stands last.
            self._chunks[chunk] = pictures
            while len(self._chunks) > KEPT_CHUNKS:
                del self._chunks[next(iter(self._chunks))]
        return pictures[place]

    def _convert(self, first: int) -> Any:
        import torch

        part = self._output[0][:, first : first + CHUNK_FRAMES]
        if part.dtype != torch.uint8:
            part = (part * 255).clamp_(0, 255).to(torch.uint8)
        return to_numpy(part.permute(1, 2, 3, 0).contiguous())
