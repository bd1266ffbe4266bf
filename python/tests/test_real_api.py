"""The names that the worker uses, against the list that is checked and against FastVideo itself where it is there."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
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

    @unittest.skipIf(real_package() is None, "fastvideo is not installed, and FASTVIDEO_SOURCE names no source of it")
    def test_what_is_said_of_presets_holds(self):
        for folder, preset in (
            ("ltx2-distilled", "ltx2_distilled"),
            ("LTX-2-Distilled", "ltx2_distilled"),
            ("ltx2", "ltx2_base"),
            ("distilled", "ltx2_base"),
            ("model", "ltx2_base"),
        ):
            with self.subTest(folder), tempfile.TemporaryDirectory() as parent:
                path = Path(parent) / folder
                path.mkdir()
                index = {"_class_name": "LTX2Pipeline", "_diffusers_version": "0.35"}
                (path / "model_index.json").write_text(json.dumps(index))
                said = self.notice(str(path))
                self.assertIn(f'the preset "{preset}" for {path}', said)
                self.assertEqual("does not contain both" in said, preset == "ltx2_base")

    @unittest.skipIf(real_package() is None, "fastvideo is not installed, and FASTVIDEO_SOURCE names no source of it")
    def test_what_is_said_of_families_holds(self):
        families = {
            "FastVideo/LTX2-Distilled-Diffusers": "ltx2 t2v",
            "Wan-AI/Wan2.1-I2V-14B-480P-Diffusers": "wan i2v",
            "Wan-AI/Wan2.2-I2V-A14B-Diffusers": "wan i2v",
            "Wan-AI/Wan2.1-T2V-1.3B-Diffusers": "wan t2v",
            "Wan-AI/Wan2.2-TI2V-5B-Diffusers": "wan t2v",
            "FastVideo/SFWan2.2-I2V-A14B-Preview-Diffusers": "wan i2v",
            "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_i2v_step_distilled": "hunyuan15 i2v",
            "FastVideo/FastHunyuan-diffusers": "hunyuan t2v",
            "MiniMaxAI/MiniMax-H3": "minimax_h3 t2v",
        }
        program = (
            "from fastvideo_worker.configuration import preset_selection\n"
            "from fastvideo_worker.abilities import preset_workload\n"
            "import json, sys\n"
            "def said(model):\n"
            "    preset, family = preset_selection(model)\n"
            "    return f'{family} {preset_workload(preset, family)}'\n"
            "print(json.dumps({model: said(model) for model in json.loads(sys.argv[1])}))"
        )
        self.assertEqual(json.loads(self.output(program, json.dumps(list(families)))), families)

    @unittest.skipIf(real_package() is None, "fastvideo is not installed, and FASTVIDEO_SOURCE names no source of it")
    def test_a_size_that_begins_with_a_picture_stays_what_it_is(self):
        # Wan 2.2 TI2V, and models of blocks of 16.
        source = ast.parse((real_package() / "fastvideo" / "utils.py").read_text())
        (function,) = [node for node in source.body if getattr(node, "name", "") == "best_output_size"]
        names: dict = {}
        exec(compile(ast.Module([function], []), "utils.py", "exec"), names)
        for width, height in ((832, 480), (480, 832), (640, 608)):
            self.assertEqual(names["best_output_size"](width, height, 32, 32, 480 * 832), (width, height))
        self.assertEqual(names["best_output_size"](1280, 704, 32, 32, 480 * 832), (832, 480))

    def notice(self, path: str) -> str:
        """What the worker says of a model's preset."""
        return self.output(
            "from fastvideo_worker.configuration import preset_notice; import sys; print(preset_notice(sys.argv[1]))", path
        )

    def output(self, program: str, argument: str) -> str:
        """The last line of a program, with the names of torch and its like alone beside FastVideo."""
        folders = [WORKER.parent, Path(__file__).parent / "without_torch", real_package()]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([sys.executable, "-c", program, argument], env=env, capture_output=True, text=True, check=True)
        return run.stdout.splitlines()[-1]

    def test_the_check_finds_what_is_missing(self):
        found, _ = check_real_api.problems(Path(__file__).parent)
        self.assertIn("fastvideo/api/parser.py: parse_config is missing", found)


if __name__ == "__main__":
    unittest.main()
