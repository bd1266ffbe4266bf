"""How an LTX-2 segment continues the one before it.

FastVideo 0.2.1 has the envelope for it (``ContinuationState``, kind ``ltx2.v1``, ``LTX2ContinuationState``) but does
not fill or read it: ``generate`` refuses ``return_state`` and returns no state, and no stage of the pipeline looks at
``GenerationRequest.state``.
What the pipeline does read is lower down, and the demo server in the same wheel (``dreamverse``) drives it. The same is
done here, and the state is kept in FastVideo's own envelope:

- *Picture.* The last ``conditioning.num_frames`` decoded frames of a segment, less ``conditioning.end_offset`` at its
  very end, are given to the next request as ``ltx2_video_conditions`` at frame 0 with full strength, without the
  H.264 round trip that still images get (``ltx2_image_crf`` 0). The number of frames has to be 8k + 1, because the
  video VAE packs 8 frames into a latent after the first one.
- *Sound.* The latents of the last 49 frames of sound are put before the new ones with a mask that keeps them. That is
  longer than the picture's 9 frames, so sound is made for 40 frames more (``audio_num_frames``), and the picture
  is moved back by as much (``video_position_offset_sec``). FastVideo takes these from ``ForwardBatch.extra``.
- *The end of the sound.* The decoder gives less sound than its latents last: each segment would end in up to 50 ms of
  silence. Sound is asked for that is longer than the picture, and cut where the picture ends.
- *The cut.* The result is not trimmed: it begins with the frames it was conditioned on. They are dropped here, and of
  the sound the time of 49 frames. A request for N frames so brings N frames first, and N - ``num_frames`` in every
  segment that continues another; FastVideo's counts are the same. A count that is not 8k + 1 is made longer, and picture
  and sound are cut to what was asked for. ``end_offset`` cuts nothing: sound and picture go on from before the end.

``conditioning.enable_audio_reencode`` would send the sound through the decoder and an encoder before it conditions.
FastVideo 0.2.1 has no public function for it and the demo leaves it off; the latents are used as they are.

A state that carries no mark of this module came from a FastVideo that makes its own: it goes back as it is, in
``GenerationRequest.state``, and nothing is cut.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastvideo_worker.conditioning import Conditioning
from fastvideo_worker.failures import WorkerError
from fastvideo_worker.frames import to_rgb8
from fastvideo_worker.limits import LTX2_FRAME_STEP, refused
from fastvideo_worker.ltx2_state import AUDIO_FRAMES, KIND, read_state
from fastvideo_worker.png import encode_pngs
from fastvideo_worker.results import field, sample_rate

MARK = "fastvideo_worker"
# 16 kHz, a hop of 160 samples, 4 hops a latent: DEFAULT_LTX2_AUDIO_* in fastvideo.models.dits.ltx2.
AUDIO_LATENTS_PER_SECOND = 16000.0 / 160.0 / 4.0
# The decoder loses three quarters of one; the other is for what rounding takes.
SPARE_AUDIO_LATENTS = 2


def is_ours(payload: dict[str, Any]) -> bool:
    metadata = payload.get("metadata")
    return isinstance(metadata, dict) and MARK in metadata


def audio_latents(frames: int, fps: float) -> int:
    """Latents of so many frames of sound, as the pipeline counts them."""
    return round(float(frames) / float(fps) * AUDIO_LATENTS_PER_SECOND)


def sound_to_make(frames: int, fps: float) -> int:
    """Frames of sound to ask for, so that what the decoder makes of them lasts at least ``frames``."""
    wanted = math.ceil(frames / float(fps) * AUDIO_LATENTS_PER_SECOND) + SPARE_AUDIO_LATENTS
    return max(frames, math.ceil(wanted * float(fps) / AUDIO_LATENTS_PER_SECOND))


class Ltx2Continuation:
    """Reads and writes states for given ``conditioning`` settings of the ``start`` message."""

    name = "state"
    kind = KIND

    def __init__(self, conditioning: dict[str, Any], frame_step: int = LTX2_FRAME_STEP) -> None:
        self._frame_step = frame_step
        self.num_frames = int(conditioning["num_frames"])
        self.end_offset = int(conditioning["end_offset"])
        if self.num_frames > 0 and (self.num_frames - 1) % frame_step != 0:
            raise WorkerError(
                f"streaming.pool.conditioning_num_frames is {self.num_frames}; LTX-2 takes 0 or 8k + 1 (1, 9, 17, ...)."
            )

    def first(self, made_frames: int, request: dict[str, Any]) -> Conditioning:
        """Of a segment that continues none."""
        return Conditioning(batch_extra={"audio_num_frames": sound_to_make(made_frames, request["fps"])})

    def condition(
        self, payload: dict[str, Any], made_frames: int, request: dict[str, Any], folder: str
    ) -> Conditioning:
        """Raises :class:`WorkerError`: ``preset_mismatch`` for a state that cannot be used, ``invalid_message`` for a
        segment that is too short to continue it. ``made_frames``: what the model is asked for."""
        from PIL import Image

        state = read_state(payload, self._frame_step)
        frames = state.video_frames
        head = len(frames)
        if request["num_frames"] <= head:
            raise refused(
                f"num_frames is {request['num_frames']}, and a segment begins with {head} frames of the one before it "
                "that are cut: raise default_request.sampling.num_frames, or lower "
                "streaming.pool.conditioning_num_frames."
            )
        sound_frames = head
        extra: dict[str, Any] = {"audio_num_frames": sound_to_make(made_frames, request["fps"])}
        if state.audio_latents is not None:
            sound_frames, extra = self._sound(state, head, made_frames, request["fps"])
        images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
        condition = (images, state.video_conditioning_frame_idx, state.video_conditioning_strength)
        return Conditioning(
            segment_index=state.segment_index + 1,
            head_frames=head,
            sound_frames=sound_frames,
            extensions={"ltx2_video_conditions": [condition], "ltx2_images": None, "ltx2_image_crf": 0.0},
            batch_extra=extra,
        )

    def _sound(self, state: Any, head: int, made_frames: int, fps: float) -> tuple[int, dict[str, Any]]:
        import torch

        cached = state.audio_latents
        batch, channels, length, bins = cached.shape
        # No more than there is sound for: a state may be of another frame rate.
        lasts = int((length + 0.5) * float(fps) / AUDIO_LATENTS_PER_SECOND)
        frames = max(head, min(int(state.audio_conditioning_num_frames), lasts))
        kept = min(max(1, audio_latents(frames, fps)), length)
        lead = frames - head
        sound = sound_to_make(made_frames + lead, fps)
        # As many as FastVideo makes of it: it would not take others.
        total = audio_latents(sound, fps)
        clean = torch.zeros((batch, channels, total, bins), dtype=cached.dtype)
        clean[:, :, :kept, :] = cached[:, :, -kept:, :]
        mask = torch.ones((batch, 1, total, 1), dtype=torch.float32)
        mask[:, :, :kept, :] = 0.0
        extra = {
            "ltx2_audio_clean_latent": clean,
            "ltx2_audio_denoise_mask": mask,
            "audio_num_frames": sound,
            "video_position_offset_sec": lead / float(fps),
        }
        return frames, extra

    def snapshot(
        self,
        frames: Sequence[Any],
        given: int,
        result: Any,
        request: dict[str, Any],
        before: Conditioning,
    ) -> dict[str, Any] | None:
        """The payload of the state after the first ``given`` of a result's ``frames``, the cut ones counted. None when
        there are too few."""
        from fastvideo.pipelines.basic.ltx2.continuation import LTX2ContinuationState

        end = given - self.end_offset
        if self.num_frames == 0 or end < self.num_frames:
            return None
        state = LTX2ContinuationState(
            segment_index=before.segment_index,
            video_conditioning_frame_idx=0,
            video_conditioning_strength=1.0,
            metadata={MARK: 1},
        )
        latents, fps = field(result, "ltx2_audio_latents"), request["fps"]
        if latents is not None:
            # Where the picture of the state ends, also when that is before the end of the segment.
            sound_end = end + before.sound_lead
            sound_frames = min(AUDIO_FRAMES, sound_end)
            last = min(latents.shape[2], audio_latents(sound_end, fps))
            first = max(0, last - audio_latents(sound_frames, fps))
            state.audio_latents = latents[:, :, first:last, :].detach().cpu().contiguous()
            state.audio_sample_rate = sample_rate(result)
            state.audio_conditioning_num_frames = sound_frames
            state.audio_conditioning_strength = 0.0
            state.video_position_offset_sec = max(0, sound_frames - self.num_frames) / float(fps)
        made: dict[str, Any] = state.to_continuation_state().payload
        # As its `video_frames` would be, only sooner.
        pngs = encode_pngs([to_rgb8(frame) for frame in frames[end - self.num_frames : end]])
        made["video"] = {"frames_b64": [base64.b64encode(png).decode("ascii") for png in pngs]}
        return made
