"""Exceptions as the server gets to know them: one line, a code, and whether it may come right by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EXCEPTION_LINE = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?:: .+)?$")
_LONGEST = 600
# Types whose name adds nothing to their text.
_PLAIN = {"Exception", "RuntimeError", "ValueError", "OSError", "WorkerError", "ConfigValidationError"}


class WorkerError(Exception):
    """A failure whose text is written for the operator already."""

    def __init__(self, message: str, code: str = "generator_failed", retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class ModelError(Exception):
    """An exception in FastVideo's own process, which ended the run there and not the process."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True)
class Failure:
    code: str
    message: str
    retryable: bool
    """The model cannot be used any more: the process has to end, and the server starts another."""
    fatal: bool = False


def root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def one_line(error: BaseException) -> str:
    """The text of the first cause in one line, without a traceback."""
    if isinstance(error, WorkerError):
        return str(error)
    error = root_cause(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    name = error.name if isinstance(error, ModelError) else type(error).__name__
    if any(line.startswith("Traceback (most recent") for line in lines):
        # FastVideo puts the traceback of its own processes into the text.
        said = [match.group(1) for line in lines if (match := re.search(r"\bWorker \d+ error: (.+)", line))]
        said += [line for line in lines if _EXCEPTION_LINE.match(line)][-1:]
        lines, name = said[:1] or lines[:1], "Exception"
    text = lines[0] if lines else ""
    if name not in _PLAIN:
        text = f"{name}: {text}" if text else name
    text = text or name
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def is_out_of_memory(error: BaseException, text: str) -> bool:
    return type(root_cause(error)).__name__ == "OutOfMemoryError" or "out of memory" in text.lower()


def classify(error: BaseException, last_printed: str | None, model_died: bool) -> Failure:
    """What the server is told about an exception of a run.

    FastVideo runs the model in processes of its own and loses their exceptions: here a broken pipe is all that is seen.
    The cause is then the last exception that was printed (``last_printed``).
    """
    if isinstance(error, WorkerError):
        return Failure(error.code, str(error), error.retryable)
    died = model_died or isinstance(root_cause(error), (EOFError, ConnectionError))
    text = last_printed if died and last_printed else one_line(error)
    broken = "CUDA error" in text  # The CUDA context is lost for good after one.
    if is_out_of_memory(error, text):
        text = text.split(": ", 1)[-1] if "Error: " in text else text
        hint = "Ask for fewer or smaller frames, or move parts to the host with generator.engine.offload."
        code = "worker_failed" if died else "generator_failed"
        return Failure(code, f"The GPU is out of memory. {hint} ({text})", True, died)
    if died:
        return Failure("worker_failed", f"FastVideo's process died: {text}", True, True)
    return Failure("worker_failed" if broken else "generator_failed", text, broken, broken)
