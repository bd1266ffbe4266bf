"""Which way of continuing goes with a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fastvideo_worker.abilities import Abilities
from fastvideo_worker.conditioning import Conditioning
from fastvideo_worker.last_frame import LastFrameContinuation
from fastvideo_worker.ltx2 import Ltx2Continuation


class Continuation(Protocol):
    name: str
    """As `ready` names it: ``state`` or ``last_frame``."""
    kind: str
    """Of its states."""

    def first(self, made_frames: int, request: dict[str, Any]) -> Conditioning:
        """Of a segment that continues none."""

    def condition(
        self, payload: dict[str, Any], made_frames: int, request: dict[str, Any], folder: str
    ) -> Conditioning:
        """From the payload of a state. ``folder`` is there for the time of the run."""

    def snapshot(
        self, frames: Sequence[Any], given: int, result: Any, request: dict[str, Any], before: Conditioning
    ) -> dict[str, Any] | None:
        """The payload of the state after the first ``given`` of a result's ``frames``; None where there is none."""


def continuation_for(abilities: Abilities, start: dict[str, Any]) -> Continuation | None:
    """None where each segment begins anew, which is then said. Raises :class:`WorkerError` for ``conditioning`` settings that
    the model does not take."""
    conditioning = start["conditioning"]
    if abilities.family == "ltx2":
        return Ltx2Continuation(conditioning)
    if (why := why_anew(abilities, start)) is not None:
        print(f"Each segment begins anew: {why}")
        return None
    return LastFrameContinuation(abilities, int(conditioning["end_offset"]))


def why_anew(abilities: Abilities, start: dict[str, Any]) -> str | None:
    if not abilities.first_frame:
        return "this model takes no picture to go on from."
    if start["conditioning"]["num_frames"] == 0:
        return "streaming.pool.conditioning_num_frames is 0."
    usual = start.get("usual_request")
    return abilities.picture_problem(usual["width"], usual["height"]) if usual else None
