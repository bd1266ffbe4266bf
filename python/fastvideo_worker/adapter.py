"""FastVideo's ``VideoGenerator`` as the model of this worker. Import it after :func:`check_environment` only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

from fastvideo_worker.abilities import Abilities, beginning_missing, preset_workload
from fastvideo_worker.adapters import Adapters
from fastvideo_worker.conditioning import NO_CONDITIONING, Conditioning
from fastvideo_worker.configuration import generator_block, preset_notice, preset_selection, refusals
from fastvideo_worker.continuation import Continuation, continuation_for
from fastvideo_worker.decoded import DecodedFrames
from fastvideo_worker.delivery import Delivery
from fastvideo_worker.early_state import EarlyState
from fastvideo_worker.environment import fastvideo_version
from fastvideo_worker.failures import WorkerError, one_line, root_cause
from fastvideo_worker.generation import request_mapping
from fastvideo_worker.generator_calls import call
from fastvideo_worker.limits import Limits
from fastvideo_worker.link import Link, Stopped
from fastvideo_worker.ltx2 import Ltx2Continuation, is_ours
from fastvideo_worker.pictures import with_own_pictures
from fastvideo_worker.results import field
from fastvideo_worker.run import Cancelled, Run

NO_CONTINUATION_KIND = "fastvideo.none"


class Model:
    """A loaded model. Use it from the thread that loaded it: FastVideo's processes die with that thread on Linux."""

    def __init__(
        self,
        generator: Any,
        link: Link,
        adapters: Adapters,
        abilities: Abilities,
        model_id: str,
        start: dict[str, Any],
    ) -> None:
        self.adapters = adapters
        self.model_id = model_id
        self.limits = Limits.of(abilities.family, link.description)
        self._abilities = abilities
        self._generator = generator
        self._link = link
        self._default_request: dict[str, Any] = start.get("default_request") or {}
        self._continuation: Continuation | None = continuation_for(abilities, start)
        self._has_sound = abilities.sound
        self._returns_state = accepts_return_state(model_id)
        # One that makes states may give frames early.
        self._takes_output = not self._returns_state

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
        if refused := refusals(start["generator"], start.get("default_request") or {}):
            raise WorkerError(" ".join(refused))
        config = parse_config(GeneratorConfig, generator_block(start["generator"]))
        preset, family = preset_selection(model_path) or (None, None)
        if family == "ltx2":
            # What can be refused without the model is refused before minutes have gone by.
            Ltx2Continuation(start["conditioning"])
        print(preset_notice(model_path))
        try:
            generator = VideoGenerator.from_pretrained(config=config)
        except Exception as error:
            raise WorkerError(f"FastVideo could not load {config.model_path}: {one_line(error)}") from error
        link = Link(generator.executor)
        abilities = Abilities.of(family, preset_workload(preset, family), link.description)
        adapters = Adapters(generator.executor, start["generator"].get("adapters") or [])
        return cls(generator, link, adapters, abilities, config.model_path, start)

    def hello(self) -> dict[str, Any]:
        """What the model can do, as members of `ready`."""
        continuation = self._continuation
        return {
            "state_kind": continuation.kind if continuation else NO_CONTINUATION_KIND,
            "pictures": self._abilities.pictures,
            "needs_first_frame": self._abilities.needs_first_frame and not self._has_default_picture,
            "continuation": continuation.name if continuation else "none",
            "audio": None,
            "sound": self._has_sound,
            "limits": self.limits.message(),
            "adapters": self.adapters.problem is None,
        }

    def generate(self, run: Run, continuation: tuple[str, dict[str, Any]] | None) -> None:
        """Makes the segment of ``run``, ``continuation`` being the kind and payload that it goes on from."""
        from fastvideo.api import ConfigValidationError, GenerationRequest, parse_config

        self.limits.check(run.request)
        # A state that FastVideo makes itself is of all that the model made.
        made = run.request["num_frames"] if self._returns_state else self.limits.frames_to_make(run.request["num_frames"])
        with tempfile.TemporaryDirectory(prefix="fastvideo-worker-") as folder:
            own = with_own_pictures(run.request, folder, exact_size=self._abilities.picture_steps is not None)
            raw = request_mapping(
                self._default_request,
                own,
                tempfile.gettempdir(),
                return_state=self._returns_state,
                return_frames=not self._takes_output,
                num_frames=made,
            )
            conditioning = self._condition(raw, run.request, made, continuation, folder)
            try:
                request = parse_config(GenerationRequest, raw)
            except ConfigValidationError as error:
                raise WorkerError(f"FastVideo refuses the request: {error}.", "invalid_message") from None
            self._perform(run, request, conditioning, made)

    def _perform(self, run: Run, request: Any, conditioning: Conditioning, made: int) -> None:
        states = EarlyState()
        delivery = Delivery(
            run, conditioning, self._has_sound, made, self.limits.refine_steps, self._decoded,
            on_under_way=lambda: states.begin(lambda: self._snapshot(run, delivery, conditioning, delivery.whole)),
        )
        run.when_stopped(self._link.begin(conditioning.batch_extra, delivery.model_step, self._takes_output))
        try:
            call(self._generator, request, delivery)
            self._send_state(run, delivery, conditioning, states)
        except Cancelled:
            self._send_state(run, delivery, conditioning, states)
            raise
        except Exception as error:
            if isinstance(root_cause(error), Stopped):
                run.check()
            raise
        finally:
            self._has_sound = self._has_sound or delivery.sound is not None
            states.end()
            delivery.release()

    def give_back_memory(self) -> None:
        """Between two runs nothing on the GPU is kept here: the model's process can use it."""
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def total_steps(self, request: dict[str, Any]) -> int:
        """Steps that a run tells: those asked for, and those of a second stage."""
        return int(request["num_inference_steps"]) + self.limits.refine_steps

    def close(self) -> None:
        shutdown: Callable[[], None] | None = getattr(self._generator, "shutdown", None)
        if shutdown is not None:
            shutdown()

    @property
    def _has_default_picture(self) -> bool:
        return has_picture(self._default_request.get("inputs"))

    def _condition(
        self,
        raw: dict[str, Any],
        request: dict[str, Any],
        made_frames: int,
        continuation: tuple[str, dict[str, Any]] | None,
        folder: str,
    ) -> Conditioning:
        if continuation is None:
            self._check_beginning(raw, request)
            return self._continuation.first(made_frames, request) if self._continuation else NO_CONDITIONING
        kind, payload = continuation
        if self._continuation is None or kind != self._continuation.kind:
            takes = f'"{self._continuation.kind}"' if self._continuation else "none"
            raise WorkerError(
                f'The continuation state is of kind "{kind}"; {self.model_id} takes {takes}.', "preset_mismatch"
            )
        if self._continuation.name == "state" and not is_ours(payload):
            if not self._returns_state:
                raise WorkerError("The continuation state was not made by this worker.", "preset_mismatch")
            raw["state"] = {"kind": kind, "payload": payload}
            return NO_CONDITIONING
        conditioning = self._continuation.condition(payload, made_frames, request, folder)
        raw["extensions"] = {**(raw.get("extensions") or {}), **conditioning.extensions}
        # An initial image is for the first frame of the first segment.
        given = raw.get("inputs") or {}
        raw["inputs"] = {**{key: value for key, value in given.items() if key != "image_path"}, **conditioning.inputs}
        return conditioning

    def _check_beginning(self, raw: dict[str, Any], request: dict[str, Any]) -> None:
        if has_picture(raw.get("inputs")):
            self._abilities.check_picture(request)
        elif self._abilities.needs_first_frame:
            raise beginning_missing()

    def _decoded(self) -> DecodedFrames | None:
        output = self._link.output()
        return None if output is None else DecodedFrames(output)

    def _snapshot(self, run: Run, delivery: Delivery, conditioning: Conditioning, given: int) -> dict[str, Any] | None:
        if self._continuation is None or field(delivery.result, "state") is not None:
            return None
        return self._continuation.snapshot(delivery.frames, given, delivery.result, run.request, conditioning)

    def _send_state(self, run: Run, delivery: Delivery, conditioning: Conditioning, states: EarlyState) -> None:
        """For what was given: a cancelled run's state ends where its frames end, or is not sent."""
        if run.frames == 0:
            return
        native = field(delivery.result, "state")
        if native is not None:
            if delivery.given >= len(delivery.frames):
                run.state(native.kind, native.payload)
        elif self._continuation is not None:
            is_whole = delivery.given == delivery.whole
            payload = states.take() if is_whole else self._snapshot(run, delivery, conditioning, delivery.given)
            if payload is not None:
                run.state(self._continuation.kind, payload)


def has_picture(inputs: Any) -> bool:
    return isinstance(inputs, dict) and any(inputs.get(key) is not None for key in ("image_path", "pil_image"))


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
