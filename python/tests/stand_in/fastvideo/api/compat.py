import os


def generator_config_to_fastvideo_args(config):
    """As the release does, which has the key and not the feature."""
    if config.pipeline.preset is not None:
        raise NotImplementedError("VideoGenerator compatibility adapter does not support pipeline.preset yet")
    return config


def request_to_sampling_param(request, *, model_path):
    """As strict as the release: a wish for a state is a field that sampling does not know."""
    if explicit_request_updates(request).get("return_state") and os.environ.get("STAND_IN_STATES") != "1":
        raise ValueError(f"Request field 'return_state' is not supported by sampling params for {model_path}")


def explicit_request_updates(request):
    raw = request.raw
    updates = {"negative_prompt": raw["negative_prompt"]} if "negative_prompt" in raw else {}
    for section in ("inputs", "sampling", "output", "extensions"):
        updates.update(raw.get(section) or {})
    return updates
