"""What the worker puts into FastVideo's own process: an exception ends a run and not the process, each denoising step is
told, and a run can be stopped between two of them.

FastVideo loads the model in a process of its own. There an exception in a run ends the process, and the model is lost;
nothing is told before the run is over. :func:`install` is run there by ``executor.collective_rpc``. It talks to
``link`` in the worker's process over a socket, in JSON: ``["step", run, stage, step, steps]`` after each step (``stage``
counts from 0: a refiner is the second one) and ``["end", run]``; the other way comes ``["stop", run]``.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

RUN_KEY = "fastvideo_worker_run"
"""In ``ForwardBatch.extra`` of a request: the number of the run."""
ERROR_KEY = "fastvideo_worker_error"
"""The same of a result without output: ``[type of the exception, its text]``."""
STOPPED = "Stopped"
# Modules whose denoising loops show a progress bar, by its name in the module.
LOOPS = ("fastvideo.pipelines.basic.ltx2.stages.ltx2_denoising", "fastvideo.pipelines.stages.denoising")


class Stopped(Exception):
    """The run was stopped between two steps."""


def install(wrapper: Any, address: str) -> dict[str, Any]:
    """Runs in each process of the model. Gives what the model is, see :func:`describe`, or why this did not work."""
    try:
        args = wrapper.worker.fastvideo_args
        alone = int(getattr(args, "num_gpus", 1)) == 1
        guard = Guard(address if getattr(wrapper, "rpc_rank", 0) == 0 else None, alone)
        for name in LOOPS:
            if name in sys.modules:
                sys.modules[name].tqdm = guard.bar  # type: ignore[attr-defined]
        inner = wrapper.worker.execute_forward
        wrapper.execute_forward = lambda batch, args: guard.forward(inner, batch, args)
        return describe(args, type(getattr(wrapper.worker, "pipeline", None)).__name__)
    except Exception as error:
        traceback.print_exc()
        return {"problem": f"{type(error).__name__}: {error}"}


def describe(args: Any, pipeline: str) -> dict[str, Any]:
    """What the loaded model takes, as far as FastVideo says it: ``size_step`` and ``frame_step`` are how many pixels and
    frames its VAE and the patches of its transformer make one of, ``refine_steps`` the denoising steps of a second stage,
    ``pipeline`` the name of its class. ``begins_with_picture``: it makes videos from text that may begin with a picture.
    ``picture_steps``: the size of a video that begins with a picture is chosen from its shape, in these multiples."""
    config = getattr(args, "pipeline_config", None)
    vae = arch_config(config, "vae_config")
    patch = getattr(arch_config(config, "dit_config"), "patch_size", None)
    patches = patch[1:3] if isinstance(patch, (tuple, list)) and len(patch) == 3 else (patch, patch)
    step = getattr(vae, "spatial_compression_ratio", None)
    begins = bool(getattr(config, "ti2v_task", False))
    # `InputValidationStage`.
    name = type(config).__name__
    chooses = (begins or bool(getattr(config, "is_causal", False))) and not any(
        word in name for word in ("MatrixGame", "MatrixCausal")
    )
    picture_step = getattr(vae, "scale_factor_spatial", None)
    refine = bool(getattr(args, "ltx2_refine_enabled", False))
    return {
        "size_step": times(step, patches[1]) or step,
        "frame_step": getattr(vae, "temporal_compression_ratio", None),
        "refine_steps": int(args.ltx2_refine_num_inference_steps) if refine else 0,
        "pipeline": pipeline,
        "begins_with_picture": begins,
        "picture_steps": [times(picture_step, patch) for patch in patches] if chooses and picture_step else None,
    }


def arch_config(config: Any, part: str) -> Any:
    return getattr(getattr(config, part, None), "arch_config", None)


def times(step: Any, patch: Any) -> int | None:
    return step * patch if isinstance(step, int) and isinstance(patch, int) else None


class Guard:
    """``address``: where the link listens, None in all processes but the first. ``alone``: whether there is only one. With
    more of them one process must not leave a run that the others go on with: an exception that need not come in all
    of them ends the process as without a guard, and a run is not stopped between its steps."""

    def __init__(self, address: str | None, alone: bool) -> None:
        self._alone = alone
        self._run = 0
        self._stage = -1
        self._stopped = 0
        self._link: Any = None
        if address is not None:
            from multiprocessing.connection import Client

            self._link = Client(address)
            threading.Thread(target=self._listen, name="fastvideo_worker", daemon=True).start()

    def forward(self, inner: Callable[[Any, Any], Any], batch: Any, args: Any) -> Any:
        self._run = int(batch.extra.pop(RUN_KEY, 0))
        self._stage = -1
        failure: list[str]
        try:
            return inner(batch, args)
        except Stopped as stopped:
            failure = [STOPPED, str(stopped)]
        except Exception as error:
            traceback.print_exc()
            if not self._survives(error):
                raise
            failure = [type(error).__name__, str(error)]
        finally:
            self._tell("end", self._run)
        # The exception is gone, and with it what its frames held.
        free_gpu_memory()
        return type(batch)(data_type=batch.data_type, output=None, extra={ERROR_KEY: failure})

    def bar(self, iterable: Any = None, *_: Any, **options: Any) -> Steps:
        self._stage += 1
        return Steps(self, iterable, options.get("total"))

    def check(self) -> None:
        if self._alone and 0 < self._run <= self._stopped:
            raise Stopped("The run was stopped between two steps.")

    def done(self, step: int, steps: int) -> None:
        self._tell("step", self._run, self._stage, step, steps)

    def _survives(self, error: Exception) -> bool:
        """Whether the model can be used after it. After an error of CUDA it cannot: its context is lost."""
        text = str(error)
        if any(mark in text for mark in ("CUDA error", "NCCL error", "cuDNN error")) or not cuda_works():
            return False
        return self._alone or "OutOfMemory" not in type(error).__name__

    def _tell(self, *message: Any) -> None:
        if self._link is not None:
            with contextlib.suppress(OSError):
                self._link.send_bytes(json.dumps(message).encode())

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                kind, run = json.loads(self._link.recv_bytes())
                if kind == "stop":
                    self._stopped = max(self._stopped, run)


class Steps:
    """In place of a progress bar of tqdm, in both of its uses: as an iterator, and counted by hand."""

    def __init__(self, guard: Guard, iterable: Any, total: int | None) -> None:
        self._guard = guard
        self._items = None if iterable is None else list(iterable)
        self._total = int(total or 0) if self._items is None else len(self._items)
        self._step = 0

    def __iter__(self) -> Iterator[Any]:
        for item in self._items or ():
            self._guard.check()
            yield item
            self._step += 1
            self._guard.done(self._step, self._total)

    def update(self, n: int = 1) -> None:
        self._step += int(n)
        self._guard.done(self._step, max(self._total, self._step))
        self._guard.check()

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, _: str) -> Callable[..., None]:
        """What else a progress bar can do (``set_postfix``, ``close``) is for the eye."""
        return lambda *_, **__: None


def cuda_works() -> bool:
    import torch

    if not torch.cuda.is_available():
        return True
    try:
        torch.cuda.synchronize()
    except Exception:
        return False
    return True


def free_gpu_memory() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()

