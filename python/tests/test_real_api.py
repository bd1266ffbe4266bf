"""The names that the worker uses, against the list that is checked and against FastVideo itself where it is there."""

from __future__ import annotations

import ast
import importlib.util
import os
import unittest
from pathlib import Path

from tests import check_real_api

WORKER = Path(__file__).resolve().parent.parent / "fastvideo_worker"


def real_package() -> Path | None:
    """The folder that holds ``fastvideo/``: of ``FASTVIDEO_SOURCE``, or of the installed package."""
    if "FASTVIDEO_SOURCE" in os.environ:
        return Path(os.environ["FASTVIDEO_SOURCE"])
    spec = importlib.util.find_spec("fastvideo")
    return Path(spec.origin).parent.parent if spec and spec.origin else None


class RealApiTest(unittest.TestCase):
    def test_all_that_is_imported_from_fastvideo_is_on_the_list(self):
        listed = {name for names in check_real_api.EXPORTS.values() for name in names}
        listed |= {name for classes in check_real_api.FIELDS.values() for name in classes}
        listed |= {name for functions in check_real_api.FUNCTIONS.values() for name in functions}
        imported = set()
        for path in WORKER.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "fastvideo":
                    imported |= {alias.name for alias in node.names}
        self.assertGreater(len(imported), 5)
        self.assertEqual(imported - listed, set())

    @unittest.skipIf(real_package() is None, "fastvideo is not installed, and FASTVIDEO_SOURCE names no source of it")
    def test_fastvideo_has_all_names_on_the_list(self):
        found, looked_at = check_real_api.problems(real_package())
        self.assertEqual(found, [])
        self.assertGreater(looked_at, 50)

    def test_the_check_finds_what_is_missing(self):
        found, _ = check_real_api.problems(Path(__file__).parent)
        self.assertIn("fastvideo/api/parser.py: parse_config is missing", found)


if __name__ == "__main__":
    unittest.main()
