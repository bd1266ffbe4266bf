"""LoRA adapters of the loaded model: which are merged into it, and how that changes while it runs.

FastVideo merges an adapter into the weights (``set_lora_adapter``), further ones on top of it (``accumulate``), and keeps a
copy of the weights as they were. :func:`merge` runs in FastVideo's own process, where an exception that gets out would end
it and with it the model.
"""

from __future__ import annotations

import os
import traceback
from typing import Any

from fastvideo_worker import guard
from fastvideo_worker.failures import ModelError, WorkerError, one_line


class Adapters:
    """``executor`` is ``VideoGenerator.executor``; ``declared`` the list ``generator.adapters`` of the configuration."""

    def __init__(self, executor: Any, declared: list[dict[str, Any]]) -> None:
        self._executor = executor
        self._paths: dict[str, str] = {adapter["name"]: adapter.get("path") or "" for adapter in declared}
        self.problem: str | None = self._find_problem()
        """Why the model can have no adapters; None when it can."""
        if declared and self.problem is not None:
            raise WorkerError(f"generator.adapters: {self.problem}")

    def apply(self, wanted: list[dict[str, Any]]) -> None:
        """Merges the adapters of ``wanted`` (``name`` and ``strength``), in this order, and no others. Raises
        :class:`WorkerError` when that does not work: then none is merged, and the model can be used."""
        if self.problem is not None:
            raise WorkerError(self.problem)
        stack = [(entry["name"], self._path(entry["name"]), float(entry["strength"])) for entry in wanted]
        failures = self._executor.collective_rpc(merge, args=(stack,))
        failure = next((said for said in failures if said is not None), None)
        if failure is None:
            print("FastVideo's model has", ", ".join(f"{name} at {strength}" for name, _, strength in stack) or "no adapters")
            return
        if any(said is None for said in failures):
            self._executor.collective_rpc(merge, args=([],))
        index, kind, text = failure
        reason = one_line(ModelError(kind, text))
        if not 0 <= index < len(stack):
            raise WorkerError(f"The adapters could not be taken off: {reason}")
        name, path, _ = stack[index]
        raise WorkerError(f'The adapter "{name}" ({path}) could not be applied: {reason}')

    def _path(self, name: str) -> str:
        path = self._paths.get(name)
        if path is None:
            raise WorkerError(f'There is no adapter "{name}" in generator.adapters.')
        if path.startswith(("/", "./", "../")) and not os.path.exists(path):
            raise WorkerError(f'The adapter "{name}" could not be applied: {path} does not exist.')
        return path

    def _find_problem(self) -> str | None:
        try:
            said: list[str | None] = self._executor.collective_rpc(problem)
        except (AttributeError, NotImplementedError) as error:
            return f"FastVideo's executor cannot be asked for adapters: {one_line(error)}."
        return next((text for text in said if text is not None), None)


def problem(wrapper: Any) -> str | None:
    """Runs in each process of the model. Why it can have no adapters."""
    pipeline = getattr(wrapper.worker, "pipeline", None)
    if not hasattr(pipeline, "set_lora_adapter"):
        return f"FastVideo's {type(pipeline).__name__} takes no LoRA adapters."
    if getattr(wrapper.worker.fastvideo_args, "ltx2_refine_lora_path", None):
        return "The model refines with a LoRA of its own, which FastVideo merges by itself in place of all others."
    return None


def merge(wrapper: Any, stack: list[tuple[str, str, float]]) -> tuple[int, str, str] | None:
    """Runs in each process of the model. Gives None, or which entry of the stack failed with the type of its exception and
    its text; then nothing is merged. An error of CUDA gets out: the process cannot be used after it."""
    pipeline = wrapper.worker.pipeline
    index = -1
    try:
        if stack:
            pipeline.convert_to_lora_layers()
            for layer in layers_of(pipeline):
                keep_apart(layer)
        take_off(pipeline)
        for index, (name, path, strength) in enumerate(stack):
            pipeline.set_lora_adapter(name, path, strength=strength, accumulate=index > 0)
        return None
    except Exception as error:
        traceback.print_exc()
        if "CUDA error" in str(error) or not guard.cuda_works():
            raise
        failure = (index, type(error).__name__, str(error))
    take_off(pipeline)
    guard.free_gpu_memory()
    return failure


def take_off(pipeline: Any) -> None:
    """The weights as they were loaded.

    FastVideo leaves out of ``unmerge_lora_weights`` each layer that the last adapter has nothing for (``disable_lora``), also
    where an earlier one is merged into it; and a layer without a merged adapter adds its last one, or fails for want of one,
    unless it is disabled. With its name of the current adapter it would skip merging that one again.
    """
    layers = layers_of(pipeline)
    for layer in layers:
        if layer.merged:
            layer.disable_lora = False
    pipeline.unmerge_lora_weights()
    for layer in layers:
        layer.disable_lora = True
        keep_apart(layer)
    pipeline.cur_adapter_name = ""
    pipeline.cur_adapter_path = ""
    pipeline.cur_adapter_strength = 1.0


def layers_of(pipeline: Any) -> list[Any]:
    return [layer for model in pipeline.lora_layers.values() for _, layer in model.all_lora_layers()]


def keep_apart(layer: Any) -> None:
    """FastVideo's copy of the weights is none where they lie in host memory: it would change with each merge. Sharded weights
    are replaced in whole by a merge."""
    weight, kept = layer.base_layer.weight, layer.cpu_weight
    if hasattr(weight, "full_tensor"):
        return
    if kept is weight:
        # As a parameter of the layer it would have to stay one.
        del layer.cpu_weight
        layer.cpu_weight = weight.detach().clone()
    elif weight.data_ptr() == kept.data_ptr():
        weight.data = weight.data.clone()
