"""``python3 -m fastvideo_worker.check``: what FastVideo refuses of a configuration, without a model.

Reads ``{"generator": {...}, "default_request": {...}}`` from stdin and writes ``{"refusals": [...]}`` to stdout, a sentence
each. Without the package nothing is refused.
"""

import importlib.util
import json
import os
import sys


def main() -> int:
    # FastVideo logs to stdout.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ["HF_HUB_OFFLINE"] = "1"
    given = json.load(sys.stdin)
    found: list[str] = []
    spec = importlib.util.find_spec("fastvideo")
    if spec is not None and spec.origin is not None:
        from fastvideo_worker.configuration import refusals

        found = refusals(given["generator"], given["default_request"])
    with answer:
        json.dump({"refusals": found}, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
