"""The operator's configuration as FastVideo reads it: what it refuses, in its own words, and which preset it takes.

Nothing is loaded here. With ``HF_HUB_OFFLINE=1`` nothing is asked of the network either; of a model that is neither in
FastVideo's registry nor a folder then only the names and types of the keys are checked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from fastvideo_worker.environment import fastvideo_version

# Of the `generator` block: for the server, not for FastVideo.
OWN_KEYS = ("backend", "adapters")
# What FastVideo raises for a value that it does not take; anything else says nothing about the configuration.
REFUSALS = (NotImplementedError, ValueError, AssertionError)


def generator_block(generator: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in generator.items() if key not in OWN_KEYS}


def refusals(generator: dict[str, Any], default_request: dict[str, Any]) -> list[str]:
    """A sentence for each block that FastVideo refuses; empty when it takes both."""
    from fastvideo.api import GenerationRequest, GeneratorConfig, parse_config

    request = {**default_request, "prompt": "a red fox"}
    found: list[str] = []
    config = attempt(found, "generator", lambda: parse_config(GeneratorConfig, generator_block(generator)))
    parsed = attempt(found, "default_request", lambda: parse_config(GenerationRequest, request))
    if config is not None:
        attempt(found, "generator", lambda: check_generator(config))
        if parsed is not None and preset_selection(config.model_path) is not None:
            attempt(found, "default_request", lambda: check_request(parsed, config.model_path))
    return found


def check_generator(config: Any) -> None:
    from fastvideo.api.compat import generator_config_to_fastvideo_args

    try:
        generator_config_to_fastvideo_args(config)
    except NotImplementedError:
        raise
    except REFUSALS:
        # Of a model that is not known here FastVideo says only that.
        if preset_selection(config.model_path) is not None:
            raise


def check_request(request: Any, model_path: str) -> None:
    from fastvideo.api import validate_preset_selection
    from fastvideo.api.compat import request_to_sampling_param

    request_to_sampling_param(request, model_path=model_path)
    preset, family = preset_selection(model_path) or (None, None)
    if request.stage_overrides and family is not None:
        validate_preset_selection(preset, family, stage_overrides=request.stage_overrides)


def attempt(found: list[str], section: str, check: Callable[[], Any]) -> Any:
    """What ``check`` gives; None when FastVideo refuses, which is then told in ``found``."""
    from fastvideo.api import ConfigValidationError

    try:
        return check()
    except ConfigValidationError as error:
        where = f"{section}.{error.path}" if error.path else section
        found.append(f"fastvideo {fastvideo_version()} refuses {where}: {error.message.rstrip('.')}.")
    except REFUSALS as error:
        found.append(f"fastvideo {fastvideo_version()} refuses {section}: {' '.join(str(error).split()).rstrip('.')}.")
    return None


def preset_selection(model_path: str) -> tuple[str | None, str | None] | None:
    """Preset and family of a model; None where FastVideo cannot tell them."""
    from fastvideo.registry import get_preset_selection

    try:
        preset, family = get_preset_selection(model_path)
    except Exception:
        # It raises whatever its look at the hub or the folder raises.
        return None
    return (preset, family) if preset or family else None


def preset_notice(model_path: str) -> str:
    """Which of FastVideo's presets a model gets and why, in one line."""
    preset, family = preset_selection(model_path) or (None, None)
    if preset is None:
        return f"FastVideo knows no preset for {model_path}: its general defaults hold."
    said = f'FastVideo takes the preset "{preset}" for {model_path}'
    if family != "ltx2":
        return f"{said}: its family is {family}."
    folder = os.path.isdir(model_path)
    what = "the path of the folder" if folder else "its name"
    if "distilled" in preset:
        return f"{said}: {what} says so."
    remedy = 'give the folder a name such as "ltx2-distilled"' if folder else "choose a distilled one"
    return (
        f'{said}, because {what} does not contain both "ltx2" (or "ltx-2") and "distilled". This preset guides each step '
        f"and runs the model several times for it, which is slow; for a distilled model {remedy}."
    )
