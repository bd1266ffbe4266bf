"""The public names of ``fastvideo.api`` that the worker uses, with a parser as strict as the real one."""

import dataclasses
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class ConfigValidationError(ValueError):
    def __init__(self, path, message):
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


@dataclass
class EngineConfig:
    num_gpus: int = 1


@dataclass
class PipelineSelection:
    workload_type: Any = None
    preset: Any = None


@dataclass
class GeneratorConfig:
    model_path: str
    revision: Any = None
    engine: EngineConfig = field(default_factory=EngineConfig)
    pipeline: PipelineSelection = field(default_factory=PipelineSelection)


@dataclass
class InputConfig:
    image_path: Any = None
    video_path: Any = None
    pil_image: Any = None
    last_image: Any = None


@dataclass
class SamplingConfig:
    seed: int = 1024
    num_frames: int = 125
    height: int = 720
    width: int = 1280
    fps: int = 24
    num_inference_steps: int = 50
    guidance_scale: float = 1.0
    guidance_rescale: float = 0.0


@dataclass
class OutputConfig:
    output_path: str = "outputs/"
    save_video: bool = True
    return_frames: bool = True
    return_state: bool = False


@dataclass
class ContinuationState:
    kind: str
    payload: dict


@dataclass
class GenerationRequest:
    prompt: Any = None
    negative_prompt: Any = None
    inputs: InputConfig = field(default_factory=InputConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    stage_overrides: dict = field(default_factory=dict)
    state: ContinuationState | None = None
    extensions: dict = field(default_factory=dict)


@dataclass
class GenerationResult:
    frames: Any = None
    audio: Any = None
    audio_sample_rate: Any = None
    state: Any = None
    extra: dict = field(default_factory=dict)


@dataclass
class VideoProgressEvent:
    step: int
    total_steps: int
    stage: str = "denoise"


@dataclass
class VideoPartialEvent:
    frames: Any
    index: int


@dataclass
class VideoFinalEvent:
    frames: Any = None
    metadata: dict = field(default_factory=dict)
    continuation_state: Any = None
    result: Any = None


def _nested(spec):
    return spec.type if dataclasses.is_dataclass(spec.type) else ContinuationState if spec.name == "state" else None


def _parse(cls, raw, path):
    fields = {spec.name: spec for spec in dataclasses.fields(cls)}
    values = {}
    for key, value in raw.items():
        where = f"{path}.{key}" if path else key
        if key not in fields:
            raise ConfigValidationError(where, "unknown field")
        if fields[key].type is int and (not isinstance(value, int) or isinstance(value, bool)):
            raise ConfigValidationError(where, "expected int")
        nested = _nested(fields[key])
        values[key] = _parse(nested, value, where) if nested and value is not None else value
    return cls(**values)


def parse_config(config_type, raw):
    parsed = _parse(config_type, raw, "")
    parsed.raw = raw
    return parsed


def get_preset(name, model_family, version=None):
    from fastvideo.families import family_of

    for path in ("LTX2-distilled", "LTX2", "TI2V", "I2V", "T2V", "H3"):
        family = family_of(path)
        if (family.preset, family.name) == (name, model_family):
            return SimpleNamespace(name=name, workload_type=family.workload)
    raise ConfigValidationError("pipeline.preset", f"unknown preset {name!r}")


def validate_preset_selection(preset_name, model_family, *, preset_version=None, stage_overrides=None):
    for stage in stage_overrides or {}:
        if stage != "denoise":
            raise ConfigValidationError(
                f"stage_overrides.{stage}", f"unknown stage for preset '{preset_name}'; valid stages: ['denoise']"
            )
