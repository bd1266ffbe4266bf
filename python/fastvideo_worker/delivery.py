"""What the model gives, sent on as frames and sound in time with each other."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from fastvideo_worker.conditioning import Conditioning
from fastvideo_worker.failures import WorkerError
from fastvideo_worker.frames import frame_list, rgb24
from fastvideo_worker.results import field
from fastvideo_worker.run import Run, RunOver
from fastvideo_worker.sound import Sound, to_sound


# As many as go into the first fragment, at the usual length of one.
FIRST_FRAMES = 12


class Delivery:
    """Takes the events of one run. ``hold_frames``: the model has sound, which comes with the final event only, and
    its format has to be told before the first frame; frames that come before it wait. ``made_frames``: what the model
    was asked for, of which the request's ``num_frames`` are given, those that are cut at the head counted. ``decoded``: the
    frames of a final event that brings none. ``on_under_way`` is called when all frames are there and the first have left: what else there is to do comes behind
    them."""

    def __init__(
        self,
        run: Run,
        cut: Conditioning,
        hold_frames: bool,
        made_frames: int,
        refine_steps: int,
        decoded: Callable[[], Sequence[Any] | None] = lambda: None,
        on_under_way: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._decoded = decoded
        self._on_under_way: Callable[[], None] | None = on_under_way
        self._request = run.request
        self._cut = cut
        self._hold = hold_frames
        self._made_frames = made_frames
        self._steps = 0
        self._total_steps = run.request["num_inference_steps"] + refine_steps
        self._steps_before = 0
        self._stage = 0
        self._model_told = False
        self._sent = cut.head_frames
        self._all_there = False
        self.frames: Sequence[Any] = []
        """All frames of the result so far, those that are cut included."""
        self.result: Any = None
        self.sound: Sound | None = None

    @property
    def given(self) -> int:
        """Frames of :attr:`frames` that lie before where the client's video ends."""
        return self._cut.head_frames + self._run.frames

    @property
    def whole(self) -> int:
        """What :attr:`given` comes to when the run is not cancelled."""
        return min(len(self.frames), int(self._request["num_frames"]))

    def release(self) -> None:
        """The model may use the memory again."""
        self.frames = []
        self.result = None

    def progress(self, step: int, total_steps: int, stage: str) -> None:
        self._run.check()
        # FastVideo says "step 0" when it begins.
        if step >= 1 and not self._model_told:
            self._steps = step
            self._run.step(step, max(total_steps, step), stage)

    def model_step(self, stage: int, step: int, steps: int) -> None:
        """From the thread that hears FastVideo's own process. Stages are counted as one: the first step of the second
        comes behind the last of the first. From now on events tell none."""
        self._model_told = True
        if stage != self._stage:
            self._stage = stage
            self._steps_before = self._steps
        self._steps = self._steps_before + step
        total = max(self._total_steps, self._steps_before + steps)
        # Whoever waits for the run is told by the main thread that it is over.
        with contextlib.suppress(RunOver, OSError):
            self._run.step(self._steps, total, "refine" if stage > 0 else "denoise")

    def partial(self, frames: Any) -> None:
        """Frames that are there before the rest; they come again in the final event, or do not."""
        self.frames = [*self.frames, *frame_list(frames)]
        self._run.check()
        if not self._hold:
            self._send(None)

    def final(self, result: Any, frames: Any) -> None:
        self.result = result
        last = frame_list(self._decoded() if frames is None else frames)
        # The final event repeats the partial frames or brings only the rest: together they are what was asked for.
        only_rest = 0 < len(self.frames) and len(self.frames) + len(last) <= self._made_frames
        self.frames = [*self.frames, *last] if only_rest else last if len(last) else self.frames
        if len(self.frames) <= self._cut.head_frames:
            raise WorkerError(f"The model gave {len(self.frames)} frames, {self._cut.head_frames} of them to be cut.")
        self.sound = to_sound(field(result, "audio"), field(result, "audio_sample_rate"))
        if self._steps == 0:
            self._run.step(self._total_steps, self._total_steps, "denoise")
        self._run.check()
        self._all_there = True
        if self.sound is not None and self._run.frames > 0:
            print("The sound came after the frames and is left out of this segment.", file=sys.stderr)
            self._send(None)
            return
        if self.sound is not None:
            self._run.audio_format(self.sound.rate, self.sound.channels)
        self._send(self.sound)

    def _send(self, sound: Sound | None) -> None:
        width, height = self._request["width"], self._request["height"]
        end = self.whole
        while self._sent < end:
            self._run.frame(rgb24(self.frames[self._sent], width, height))
            self._sent += 1
            if sound is not None:
                # Each frame's sound right behind it; counted from the start, so that no rounding adds up.
                begin = self._sample(self._cut.sound_frames, sound)
                done = self._run.frames
                self._run.audio(sound.between(*(begin + self._sample(n, sound) for n in (done - 1, done))))
            if self._all_there and self._run.frames >= FIRST_FRAMES:
                self._under_way()
        if self._all_there:
            self._under_way()

    def _under_way(self) -> None:
        tell, self._on_under_way = self._on_under_way, None
        if tell is not None:
            tell()

    def _sample(self, frames: int, sound: Sound) -> int:
        return round(frames * sound.rate / float(self._request["fps"]))
