import base64
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from fastvideo.api import ContinuationState
from PIL import Image

LTX2_CONTINUATION_KIND = "ltx2.v1"


def _text(array):
    file = io.BytesIO()
    np.save(file, array)
    return base64.b64encode(file.getvalue()).decode()


def _array(text):
    return np.load(io.BytesIO(base64.b64decode(text)))


def _picture(png):
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.uint8)


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
            "audio_conditioning_strength": self.audio_conditioning_strength,
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
            segment_index=int(payload.get("segment_index", 0)),
            video_conditioning_frame_idx=int(payload.get("video_conditioning_frame_idx", 0)),
            video_conditioning_strength=float(payload.get("video_conditioning_strength", 1.0)),
            audio_conditioning_strength=float(payload.get("audio_conditioning_strength", 1.0)),
            video_frames=[_picture(base64.b64decode(text)) for text in payload["video"]["frames_b64"]],
            audio_latents=torch.Tensor(_array(audio["safetensors_b64"])) if audio else None,
            audio_conditioning_num_frames=int(payload.get("audio_conditioning_num_frames", 0)),
            metadata=dict(payload.get("metadata") or {}),
        )
