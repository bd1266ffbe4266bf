"""Start of the worker. Written so that any Python 3 can read it: a too old one has to be able to say so."""

import sys
from typing import Optional, Sequence

OLDEST_PYTHON = (3, 10)


def python_problem(version: Sequence[object]) -> Optional[str]:
    """One line about a Python that FastVideo does not run on, or None."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return None
    found = ".".join(str(part) for part in version[:3])
    return "FastVideo needs Python 3.10 or newer; %s is %s. Set FASTVIDEO_PYTHON to a newer interpreter." % (
        sys.executable,
        found,
    )


def refuse(message: str) -> None:
    """Writes a single `start_failed` without any of the package's modules."""
    import json
    import os
    import struct

    header = json.dumps({"type": "start_failed", "message": message}).encode()
    os.write(1, struct.pack(">II", len(header), 0) + header)
    sys.stderr.write(message + "\n")


def main() -> int:
    problem = python_problem(sys.version_info)
    if problem:
        refuse(problem)
        return 1
    from fastvideo_worker.worker import work

    return work()


# FastVideo starts processes of its own that import this file again under another name.
if __name__ == "__main__":
    sys.exit(main())
