"""Holds what the worker uses of FastVideo to the source of a real release. Needs neither torch nor a GPU.

    pip download --no-deps fastvideo==0.2.1 && unzip fastvideo-0.2.1-*.whl -d fastvideo-wheel
    python3 python/tests/check_real_api.py fastvideo-wheel

Exits with 1 and a line for each name that is missing.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

# Module -> class -> fields that are read or set.
FIELDS: dict[str, dict[str, list[str]]] = {
    "fastvideo/api/schema.py": {
        "GeneratorConfig": ["model_path"],
        "GenerationRequest": [
            "prompt",
            "negative_prompt",
            "inputs",
            "sampling",
            "output",
            "stage_overrides",
            "state",
            "extensions",
        ],
        "InputConfig": ["image_path", "pil_image", "last_image"],
        "SamplingConfig": [
            "seed",
            "width",
            "height",
            "fps",
            "num_frames",
            "num_inference_steps",
            "guidance_scale",
        ],
        "OutputConfig": ["output_path", "save_video", "return_frames", "return_state"],
        "ContinuationState": ["kind", "payload"],
    },
    "fastvideo/api/results.py": {
        "GenerationResult": ["frames", "audio", "audio_sample_rate", "state", "extra"],
        "VideoProgressEvent": ["step", "total_steps", "stage"],
        "VideoPartialEvent": ["frames"],
        "VideoFinalEvent": ["frames", "metadata", "continuation_state", "result"],
    },
    "fastvideo/api/sampling_param.py": {
        "SamplingParam": [
            "image_path",
            "pil_image",
            "last_image",
            "ltx2_video_conditions",
            "ltx2_images",
            "ltx2_image_crf",
        ],
    },
    "fastvideo/pipelines/pipeline_batch_info.py": {"ForwardBatch": ["data_type", "output", "extra", "return_frames"]},
    "fastvideo/fastvideo_args.py": {
        "FastVideoArgs": [
            "num_gpus",
            "pipeline_config",
            "ltx2_refine_enabled",
            "ltx2_refine_num_inference_steps",
            "ltx2_refine_lora_path",
        ],
    },
    "fastvideo/pipelines/lora_pipeline.py": {
        "LoRAPipeline": ["lora_layers", "cur_adapter_name", "cur_adapter_path", "cur_adapter_strength"],
    },
    "fastvideo/configs/models/vaes/ltx2vae.py": {
        "LTX2VAEArchConfig": ["spatial_compression_ratio", "temporal_compression_ratio"],
    },
    "fastvideo/api/presets.py": {"InferencePreset": ["name", "model_family", "workload_type"]},
    "fastvideo/configs/pipelines/base.py": {"PipelineConfig": ["vae_config", "dit_config", "ti2v_task", "is_causal"]},
    "fastvideo/configs/models/vaes/wanvae.py": {"WanVAEArchConfig": ["scale_factor_spatial", "scale_factor_temporal"]},
    "fastvideo/configs/models/dits/wanvideo.py": {"WanVideoArchConfig": ["patch_size"]},
    "fastvideo/worker/gpu_worker.py": {"Worker": ["execute_forward"]},
    "fastvideo/pipelines/basic/ltx2/continuation.py": {
        "LTX2ContinuationState": [
            "segment_index",
            "video_frames",
            "video_conditioning_frame_idx",
            "video_conditioning_strength",
            "audio_latents",
            "audio_sample_rate",
            "audio_conditioning_num_frames",
            "audio_conditioning_strength",
            "video_position_offset_sec",
            "metadata",
        ],
    },
}

# Module -> function or Class.method -> parameters that are passed by name.
FUNCTIONS: dict[str, dict[str, list[str]]] = {
    "fastvideo/api/parser.py": {"parse_config": ["config_type", "raw"]},
    "fastvideo/api/compat.py": {
        "request_to_sampling_param": ["request", "model_path"],
        "generator_config_to_fastvideo_args": ["config"],
    },
    "fastvideo/api/presets.py": {
        "validate_preset_selection": ["preset_name", "model_family", "stage_overrides"],
        "get_preset": ["name", "model_family"],
    },
    "fastvideo/worker/multiproc_executor.py": {
        "MultiprocExecutor.collective_rpc": ["method", "args"],
        "MultiprocExecutor.execute_forward": ["forward_batch", "fastvideo_args"],
    },
    "fastvideo/worker/gpu_worker.py": {"Worker.execute_forward": ["forward_batch", "fastvideo_args"]},
    "fastvideo/pipelines/lora_pipeline.py": {
        "LoRAPipeline.set_lora_adapter": ["lora_nickname", "lora_path", "strength", "accumulate"],
        "LoRAPipeline.unmerge_lora_weights": [],
        "LoRAPipeline.convert_to_lora_layers": [],
        "LoRAModelLayers.all_lora_layers": [],
    },
    "fastvideo/layers/lora/linear.py": {"BaseLayerWithLoRA.unmerge_lora_weights": []},
    "fastvideo/registry.py": {"get_preset_selection": ["model_path"]},
    "fastvideo/utils.py": {"best_output_size": ["w", "h", "dw", "dh", "expected_area"]},
    "fastvideo/entrypoints/video_generator.py": {
        "VideoGenerator.from_pretrained": ["model_path"],
        "VideoGenerator.generate": ["request"],
        "VideoGenerator.generate_async": ["request"],
        "VideoGenerator.shutdown": [],
    },
    "fastvideo/pipelines/basic/ltx2/continuation.py": {
        "LTX2ContinuationState.to_continuation_state": [],
        "LTX2ContinuationState.from_continuation_state": ["state"],
    },
}

# Package -> names that are imported from it.
EXPORTS = {
    "fastvideo/__init__.py": ["VideoGenerator"],
    "fastvideo/api/__init__.py": [
        "ConfigValidationError",
        "ContinuationState",
        "GenerationRequest",
        "GeneratorConfig",
        "VideoFinalEvent",
        "VideoPartialEvent",
        "VideoProgressEvent",
        "get_preset",
        "parse_config",
        "validate_preset_selection",
    ],
    # What is put in their place.
    "fastvideo/pipelines/basic/ltx2/stages/ltx2_denoising.py": ["tqdm"],
    "fastvideo/pipelines/stages/denoising.py": ["tqdm"],
}

# Module -> constant -> value that the worker relies on.
CONSTANTS: dict[str, dict[str, object]] = {
    "fastvideo/pipelines/basic/ltx2/continuation.py": {"LTX2_CONTINUATION_KIND": "ltx2.v1"},
    "fastvideo/pipelines/basic/minimax_h3/packing.py": {
        "MINIMAX_H3_FPS": 24,
        "MINIMAX_H3_CANVAS_MULTIPLE": 32,
        "MINIMAX_H3_MIN_DURATION": 5.0,
        "MINIMAX_H3_MAX_DURATION": 15.0,
        "MINIMAX_H3_FRAMES_PER_CHUNK": 17,
        "MINIMAX_H3_LATENTS_PER_CHUNK": 5,
    },
    "fastvideo/models/dits/ltx2.py": {
        "DEFAULT_LTX2_AUDIO_SAMPLE_RATE": 16000,
        "DEFAULT_LTX2_AUDIO_HOP_LENGTH": 160,
        "DEFAULT_LTX2_AUDIO_DOWNSAMPLE": 4,
        "DEFAULT_LTX2_AUDIO_CHANNELS": 8,
        "DEFAULT_LTX2_AUDIO_MEL_BINS": 16,
    },
}

# Keyword arguments that `from_pretrained` takes out of **kwargs, keys of results, and members of `ForwardBatch.extra`.
STRINGS: dict[str, list[object]] = {
    "fastvideo/entrypoints/video_generator.py": [
        "config",
        "ltx2_audio_latents",
        "audio",
        "audio_sample_rate",
        "frames",
    ],
    "fastvideo/pipelines/basic/ltx2/stages/ltx2_denoising.py": [
        "ltx2_audio_clean_latent",
        "ltx2_audio_denoise_mask",
        "audio_num_frames",
        "video_position_offset_sec",
    ],
    "fastvideo/registry.py": ["ltx2", "minimax_h3"],
    # Which families begin with a picture, and of what size: `abilities` says the same.
    "fastvideo/pipelines/stages/input_validation.py": ["MatrixGame", "MatrixCausal", 480, 832],
    "fastvideo/pipelines/basic/wan/presets.py": ["i2v", "wan_i2v_14b_480p", "wan_2_2_ti2v_5b"],
    "fastvideo/pipelines/basic/minimax_h3/minimax_h3_pipeline.py": [
        "MiniMaxH3ModularPipeline",
        "MiniMaxH3Ref2VAModularPipeline",
    ],
}


# Module -> class -> attributes that its methods set on `self`.
ATTRIBUTES: dict[str, dict[str, list[str]]] = {
    "fastvideo/layers/lora/linear.py": {"BaseLayerWithLoRA": ["merged", "disable_lora", "base_layer", "cpu_weight"]},
    "fastvideo/worker/gpu_worker.py": {"Worker": ["fastvideo_args", "pipeline"]},
    "fastvideo/worker/worker_base.py": {"WorkerWrapperBase": ["worker"]},
}


class Source:
    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names = {name for node in self.tree.body for name in defined(node)}
        self.definitions = {node.name: node for node in self.tree.body if hasattr(node, "name")}

    def fields(self, name: str) -> set[str] | None:
        node = self.definitions.get(name)
        return {name for item in node.body for name in defined(item)} if isinstance(node, ast.ClassDef) else None

    def parameters(self, name: str) -> set[str] | None:
        owner, _, method = name.rpartition(".")
        body = self.definitions[owner].body if owner in self.definitions else self.tree.body if not owner else []
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == method:
                return {argument.arg for argument in node.args.args + node.args.kwonlyargs}
        return None

    def attributes(self, name: str) -> set[str]:
        nodes = ast.walk(self.definitions[name]) if name in self.definitions else ()
        targets = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
        return {node.attr for node in targets if isinstance(node.value, ast.Name) and node.value.id == "self"}

    def constant(self, name: str) -> object:
        for node in self.tree.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in defined(node):
                return node.value.value if isinstance(node.value, ast.Constant) else "no plain value"
        return "missing"

    def strings(self) -> set[object]:
        return {node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant)}


def defined(node: ast.AST) -> list[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.name] if hasattr(node, "name") else []


def problems(root: Path) -> tuple[list[str], int]:
    """What is missing under ``root``, the folder that holds ``fastvideo/``, and how many names were looked at."""
    found: list[str] = []
    sources: dict[str, Source] = {}
    looked_at = 0

    def source(module: str) -> Source | None:
        if module not in sources and (root / module).is_file():
            sources[module] = Source(root / module)
        if module not in sources:
            found.append(f"{module} is missing")
        return sources.get(module)

    def demand(there: bool, what: str) -> None:
        nonlocal looked_at
        looked_at += 1
        if not there:
            found.append(what)

    for module, classes in FIELDS.items():
        for name, fields in classes.items():
            have = (known := source(module)) and known.fields(name)
            for field in fields:
                demand(have is not None and bool(have) and field in have, f"{module}: {name}.{field} is missing")
    for module, functions in FUNCTIONS.items():
        for name, parameters in functions.items():
            have = known.parameters(name) if (known := source(module)) else None
            demand(have is not None, f"{module}: {name} is missing")
            for parameter in parameters:
                demand(parameter in (have or ()), f"{module}: {name} has no parameter {parameter}")
    for module, classes in ATTRIBUTES.items():
        for name, attributes in classes.items():
            have = known.attributes(name) if (known := source(module)) else set()
            for attribute in attributes:
                demand(attribute in have, f"{module}: {name}.{attribute} is missing")
    for module, names in EXPORTS.items():
        for name in names:
            demand((known := source(module)) is not None and name in known.names, f"{module}: {name} is missing")
    for module, constants in CONSTANTS.items():
        for name, value in constants.items():
            have = known.constant(name) if (known := source(module)) else "missing"
            demand(have == value, f"{module}: {name} is {have!r}, and {value!r} is relied on")
    for module, strings in STRINGS.items():
        for text in strings:
            there = (known := source(module)) is not None and text in known.strings()
            demand(there, f'{module}: nothing there says "{text}"')
    return found, looked_at


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: check_real_api.py FOLDER, which holds fastvideo/", file=sys.stderr)
        return 2
    found, looked_at = problems(Path(sys.argv[1]))
    for line in found:
        print(line)
    print(f"{looked_at} names looked at, {len(found)} missing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
