"""Whether this interpreter can run FastVideo at all, and what is missing when it cannot."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from typing import Any

from fastvideo_worker.failures import WorkerError, one_line


def fastvideo_version() -> str:
    try:
        return importlib.metadata.version("fastvideo")
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def package_problem() -> str | None:
    """One line with the remedy where the package is missing, or None. Imports nothing, so that it is quick."""
    spec = importlib.util.find_spec("fastvideo")
    # A folder of that name in the working directory counts as a package without an origin.
    if spec is None or spec.origin is None:
        return (
            f"The package fastvideo is not installed for {sys.executable}: run '{sys.executable} -m pip install "
            "fastvideo', or set FASTVIDEO_PYTHON to the interpreter that has it."
        )
    return None


def check_environment() -> None:
    """Raises :class:`WorkerError` with the remedy when a package or the GPU is missing."""
    problem = package_problem()
    if problem is not None:
        raise WorkerError(problem)
    for name in ("numpy", "torch"):
        try:
            importlib.import_module(name)
        except Exception as error:
            raise WorkerError(f"{sys.executable} cannot import {name}: {one_line(error)}") from None
    if not has_accelerator(sys.modules["torch"]):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        seen = "" if visible is None else f" (CUDA_VISIBLE_DEVICES is '{visible}')"
        raise WorkerError(
            f"No CUDA device: torch {getattr(sys.modules['torch'], '__version__', '')} sees no GPU{seen}. Check "
            "nvidia-smi and that torch is a CUDA build: FastVideo does not run on a CPU."
        )


def has_accelerator(torch: Any) -> bool:
    """Whether there is a device that FastVideo runs on besides the CPU: CUDA or ROCm, Apple's MPS, Ascend's NPU."""
    if torch.cuda.is_available():
        return True
    mps = getattr(getattr(torch, "backends", None), "mps", None)
    if mps is not None and mps.is_available():
        return True
    npu = getattr(torch, "npu", None)
    return npu is not None and bool(npu.is_available())
