"""Any sound that a model gives, as the protocol wants it: float32 in [-1, 1], little-endian, interleaved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fastvideo_worker.failures import WorkerError
from fastvideo_worker.frames import to_numpy


@dataclass(frozen=True)
class Sound:
    """``samples`` is float32 (samples, channels)."""

    samples: np.ndarray[Any, Any]
    rate: int

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    def between(self, start: int, end: int) -> bytes:
        """The samples from ``start`` to ``end``, per channel; silence where the sound has ended."""
        part = self.samples[min(start, len(self.samples)) : min(end, len(self.samples))]
        missing = (end - start) - len(part)
        if missing > 0:
            part = np.concatenate([part, np.zeros((missing, self.channels), np.float32)])
        return np.ascontiguousarray(part, dtype="<f4").tobytes()


def to_sound(audio: Any, sample_rate: Any) -> Sound | None:
    """None where there is no sound. Takes (samples,), (samples, channels) and (channels, samples), with a leading
    batch axis of one or without, floats or int16."""
    if audio is None or sample_rate is None:
        return None
    array = to_numpy(audio)
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise WorkerError(f"FastVideo gave sound of shape {array.shape}; (channels, samples) is expected.")
    # Mono and stereo have one or two rows or columns; of two short sides the first is taken for the channels.
    if array.shape[0] <= 2 and array.shape[1] > 2:
        array = array.T
    if array.shape[0] == 0:
        return None
    if array.shape[1] not in (1, 2):
        raise WorkerError(f"FastVideo gave sound of {array.shape[1]} channels; one or two are expected.")
    if array.dtype == np.int16:
        samples = array.astype(np.float32) / 32768.0
    elif np.issubdtype(array.dtype, np.floating):
        samples = np.nan_to_num(array.astype(np.float32)).clip(-1.0, 1.0)
    else:
        raise WorkerError(f"FastVideo gave sound of {array.dtype}; floats or int16 are expected.")
    return Sound(samples, int(sample_rate))
