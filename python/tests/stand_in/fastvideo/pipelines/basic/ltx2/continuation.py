import base64
import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from fastvideo.api import ContinuationState

LTX2_CONTINUATION_KIND = "ltx2.v1"


def _text(array):
    file = io.BytesIO()
    np.save(file, array)
    return base64.b64encode(file.getvalue()).decode()


def _array(text):
    return np.load(io.BytesIO(base64.b64decode(text)))


def _picture(png):
    """Reads what the worker writes: one chunk of pixels, each row with the filter Sub."""
    width, height = struct.unpack(">II", png[16:24])
    (length,) = struct.unpack(">I", png[33:37])
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + length]), np.uint8).reshape(height, 1 + width * 3)
    assert png[37:41] == b"IDAT" and set(rows[:, 0]) == {1}
    return np.add.accumulate(rows[:, 1:].reshape(height, width, 3), axis=1, dtype=np.uint8)


@dataclass
class LTX2ContinuationState:
    segment_index: int = 0
    video_frames: list | None = None
    video_conditioning_frame_idx: int = 0
    video_conditioning_strength: float = 1.0
    audio_latents: Any = None
    audio_sample_rate: int | None = None
    audio_conditioning_num_frames: int = 0
    audio_conditioning_strength: float = 1.0
    video_position_offset_sec: float = 0.0
    metadata: dict = field(default_factory=dict)

    def to_continuation_state(self):
        payload = {
            "schema_version": 1,
            "segment_index": self.segment_index,
            "video_conditioning_frame_idx": self.video_conditioning_frame_idx,
            "video_conditioning_strength": self.video_conditioning_strength,
            "audio_conditioning_num_frames": self.audio_conditioning_num_frames,
            "metadata": dict(self.metadata),
        }
        if self.audio_latents is not None:
            payload["audio"] = {"safetensors_b64": _text(self.audio_latents.array)}
        return ContinuationState(LTX2_CONTINUATION_KIND, payload)

    @classmethod
    def from_continuation_state(cls, state):
        payload = state.payload
        if payload.get("schema_version", 1) != 1:
            raise ValueError("Unsupported schema_version")
        audio = payload.get("audio")
        return cls(
            segment_index=payload["segment_index"],
            video_frames=[_picture(base64.b64decode(text)) for text in payload["video"]["frames_b64"]],
            audio_latents=torch.Tensor(_array(audio["safetensors_b64"])) if audio else None,
            audio_conditioning_num_frames=payload["audio_conditioning_num_frames"],
            metadata=payload["metadata"],
        )
