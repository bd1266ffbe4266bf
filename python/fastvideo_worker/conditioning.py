"""What makes a segment continue the one before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Conditioning:
    """What a request gets so that it continues a segment, and what is to be cut from the result."""

    segment_index: int = 0
    head_frames: int = 0
    """Frames at the head of the result that repeat the segment before."""
    sound_frames: int = 0
    """The same of the sound, in frames; more than of the picture."""
    extensions: dict[str, Any] = field(default_factory=dict)
    """For ``GenerationRequest.extensions``."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """For ``GenerationRequest.inputs``, in place of those of the request."""
    batch_extra: dict[str, Any] = field(default_factory=dict)
    """For ``ForwardBatch.extra``."""

    @property
    def sound_lead(self) -> int:
        """Frames by which the result's sound begins before its picture."""
        return self.sound_frames - self.head_frames


NO_CONDITIONING = Conditioning()
