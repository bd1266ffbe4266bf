"""FastVideo's ``VideoGenerator`` as the model of this worker. Import it after :func:`check_environment` only."""

from __future__ import annotations

import asyncio
import inspect
import os
import tempfile
from collections.abc import AsyncGenerator, Callable
from typing import Any

from fastvideo_worker.adapters import Adapters
from fastvideo_worker.configuration import generator_block, preset_notice, preset_selection, refusals
from fastvideo_worker.delivery import Delivery, field
from fastvideo_worker.environment import fastvideo_version
from fastvideo_worker.failures import WorkerError, one_line, root_cause
from fastvideo_worker.generation import request_mapping
from fastvideo_worker.limits import Limits
from fastvideo_worker.link import Link, Stopped
from fastvideo_worker.ltx2 import NO_CONDITIONING, Conditioning, Ltx2Continuation, is_ours
from fastvideo_worker.ltx2_state import KIND
from fastvideo_worker.pictures import with_own_pictures
from fastvideo_worker.run import Cancelled, Run

NO_CONTINUATION_KIND = "fastvideo.none"


class Model:
    """A loaded model. Use it from the thread that loaded it: FastVideo's processes die with that thread on Linux."""

    def __init__(
        self,
        generator: Any,
        link: Link,
        adapters: Adapters,
        limits: Limits,
        model_id: str,
        default_request: dict[str, Any],
        continuation: Ltx2Continuation | None,
    ) -> None:
        self.adapters = adapters
        self.limits = limits
        self.model_id = model_id
        self.state_kind = KIND if continuation else NO_CONTINUATION_KIND
        self._generator = generator
        self._link = link
        self._default_request = default_request
        self._continuation = continuation
        self._has_sound = continuation is not None
        self._returns_state = accepts_return_state(model_id)

    @classmethod
    def load(cls, start: dict[str, Any]) -> Model:
        """From the ``start`` message. Raises :class:`WorkerError` with what the operator has to change."""
        try:
            from fastvideo import VideoGenerator
            from fastvideo.api import GeneratorConfig, parse_config
        except ImportError as error:
            raise WorkerError(
                f"fastvideo {fastvideo_version()} cannot be used: {one_line(error)}. fastvideo 0.2.1 or newer is needed."
            ) from error
        model_path = start["generator"]["model_path"]
        if model_path.startswith(("/", ".", "~")) and not os.path.exists(model_path):
            raise WorkerError(f"generator.model_path {model_path} does not exist.")
        default_request = start.get("default_request") or {}
        if refused := refusals(start["generator"], default_request):
            raise WorkerError(" ".join(refused))
        config = parse_config(GeneratorConfig, generator_block(start["generator"]))
        continuation = None
        kind = (preset_selection(model_path) or (None, None))[1]
        if kind == "ltx2":
            continuation = Ltx2Continuation(start["conditioning"])
        print(preset_notice(model_path))
        try:
            generator = VideoGenerator.from_pretrained(config=config)
        except Exception as error:
            raise WorkerError(f"FastVideo could not load {config.model_path}: {one_line(error)}") from error
        link = Link(generator.executor)
        limits = Limits.of(kind, link.description)
        adapters = Adapters(generator.executor, start["generator"].get("adapters") or [])
        return cls(generator, link, adapters, limits, config.model_path, default_request, continuation)

    def generate(self, run: Run, continuation: tuple[str, dict[str, Any]] | None) -> None:
        """Makes the segment of ``run``, ``continuation`` being the kind and payload that it goes on from."""
        from fastvideo.api import ConfigValidationError, GenerationRequest, parse_config

        self.limits.check(run.request)
        # A state that FastVideo makes itself is of all that the model made.
        made = run.request["num_frames"] if self._returns_state else self.limits.frames_to_make(run.request["num_frames"])
        with tempfile.TemporaryDirectory(prefix="fastvideo-worker-") as folder:
            own = with_own_pictures(run.request, folder)
            raw = request_mapping(self._default_request, own, tempfile.gettempdir(), self._returns_state, made)
            conditioning = self._condition(raw, run.request, made, continuation)
            try:
                request = parse_config(GenerationRequest, raw)
            except ConfigValidationError as error:
                raise WorkerError(f"FastVideo refuses the request: {error}.", "invalid_message") from None
            delivery = Delivery(run, conditioning, self._has_sound, made, self.limits.refine_steps)
            self._perform(run, request, conditioning, delivery)

    def _perform(self, run: Run, request: Any, conditioning: Conditioning, delivery: Delivery) -> None:
        run.when_stopped(self._link.begin(conditioning.batch_extra, delivery.model_step))
        try:
            self._make(request, delivery)
        except Cancelled:
            self._send_state(run, delivery, conditioning)
            raise
        except Exception as error:
            if isinstance(root_cause(error), Stopped):
                run.check()
            free_memory(error)
            raise
        finally:
            self._has_sound = self._has_sound or delivery.sound is not None
        self._send_state(run, delivery, conditioning)

    def total_steps(self, request: dict[str, Any]) -> int:
        """Steps that a run tells: those asked for, and those of a second stage."""
        return int(request["num_inference_steps"]) + self.limits.refine_steps

    def close(self) -> None:
        shutdown: Callable[[], None] | None = getattr(self._generator, "shutdown", None)
        if shutdown is not None:
            shutdown()

    def _condition(
        self,
        raw: dict[str, Any],
        request: dict[str, Any],
        made_frames: int,
        continuation: tuple[str, dict[str, Any]] | None,
    ) -> Conditioning:
        if continuation is None:
            return self._continuation.first(made_frames, request) if self._continuation else NO_CONDITIONING
        kind, payload = continuation
        if self._continuation is None or kind != self.state_kind:
            takes = f'"{self.state_kind}"' if self._continuation else "none"
            raise WorkerError(
                f'The continuation state is of kind "{kind}"; {self.model_id} takes {takes}.', "preset_mismatch"
            )
        if not is_ours(payload):
            if not self._returns_state:
                raise WorkerError("The continuation state was not made by this worker.", "preset_mismatch")
            raw["state"] = {"kind": kind, "payload": payload}
            return NO_CONDITIONING
        conditioning = self._continuation.condition(payload, made_frames, request)
        raw["extensions"] = {**(raw.get("extensions") or {}), **conditioning.extensions}
        # An initial image is for the first frame of the first segment.
        if "inputs" in raw:
            raw["inputs"] = {key: value for key, value in raw["inputs"].items() if key != "image_path"}
        return conditioning

    def _make(self, request: Any, delivery: Delivery) -> None:
        if inspect.isasyncgenfunction(getattr(self._generator, "generate_async", None)):
            asyncio.run(deliver_events(self._generator.generate_async(request), delivery))
        else:
            deliver_result(self._generator.generate(request), delivery)

    def _send_state(self, run: Run, delivery: Delivery, conditioning: Conditioning) -> None:
        """For what was given: a cancelled run's state ends where its frames end, or is not sent."""
        if run.frames == 0:
            return
        native = field(delivery.result, "state")
        if native is not None:
            if delivery.given >= len(delivery.frames):
                run.state(native.kind, native.payload)
        elif self._continuation is not None:
            payload = self._continuation.snapshot(
                delivery.frames,
                delivery.given,
                field(delivery.result, "ltx2_audio_latents"),
                delivery.sound.rate if delivery.sound else None,
                run.request["fps"],
                conditioning,
            )
            if payload is not None:
                run.state(KIND, payload)


def accepts_return_state(model_path: str) -> bool:
    """Whether ``output.return_state`` may be asked for: FastVideo 0.2.1 has the field, and refuses a request with it."""
    from fastvideo.api import GenerationRequest, parse_config
    from fastvideo.api.compat import request_to_sampling_param

    probe = parse_config(GenerationRequest, {"prompt": "", "output": {"return_state": True}})
    try:
        request_to_sampling_param(probe, model_path=model_path)
    except Exception:
        return False
    return True


def deliver_result(result: Any, delivery: Delivery) -> None:
    if isinstance(result, list):
        if not result:
            raise WorkerError("FastVideo gave no result.")
        result = result[0]
    delivery.final(result, field(result, "frames"))


async def deliver_events(events: AsyncGenerator[Any, None], delivery: Delivery) -> None:
    """Sends what comes while it comes. The generator waits meanwhile: a slow client slows the model down."""
    from fastvideo.api import VideoFinalEvent, VideoPartialEvent, VideoProgressEvent

    ended = False
    try:
        async for event in events:
            if isinstance(event, VideoProgressEvent):
                delivery.progress(event.step, event.total_steps, event.stage)
            elif isinstance(event, VideoPartialEvent):
                delivery.partial(event.frames)
            elif isinstance(event, VideoFinalEvent) and not ended:
                ended = True
                result = event.result
                delivery.final(result if result is not None else event_fields(event), event.frames)
    finally:
        await events.aclose()
    if not ended:
        raise WorkerError("FastVideo ended without a final event.")


def event_fields(event: Any) -> dict[str, Any]:
    """A final event without a result has its metadata and its state."""
    return {**(event.metadata or {}), "state": event.continuation_state}


def free_memory(error: Exception) -> None:
    """After an exception in this very process: what it had on the GPU is given back."""
    import torch

    if "out of memory" in one_line(error).lower() and torch.cuda.is_available():
        torch.cuda.empty_cache()
