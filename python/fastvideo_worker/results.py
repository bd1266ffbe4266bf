"""Results of FastVideo in all their forms."""

from __future__ import annotations

from typing import Any


def field(result: Any, name: str) -> Any:
    """A field of a ``GenerationResult``, of its ``extra``, or of the mapping that ``generate_video`` returns."""
    if isinstance(result, dict):
        return result.get(name)
    value = getattr(result, name, None)
    if value is None:
        value = (getattr(result, "extra", None) or {}).get(name)
    return value


def sample_rate(result: Any) -> int | None:
    """Of the result's sound, in Hz; None where there is none."""
    rate = field(result, "audio_sample_rate")
    return None if field(result, "audio") is None or rate is None else int(rate)


def event_fields(event: Any) -> dict[str, Any]:
    """A final event without a result has its metadata and its state."""
    return {**(event.metadata or {}), "state": event.continuation_state}
