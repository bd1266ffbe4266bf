"""Calls of ``VideoGenerator``, and what comes of them to a :class:`Delivery`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from typing import Any

from fastvideo_worker.delivery import Delivery
from fastvideo_worker.failures import WorkerError
from fastvideo_worker.results import event_fields, field


def call(generator: Any, request: Any, delivery: Delivery) -> None:
    if inspect.isasyncgenfunction(getattr(generator, "generate_async", None)):
        asyncio.run(deliver_events(generator.generate_async(request), delivery))
    else:
        deliver_result(generator.generate(request), delivery)


def deliver_result(result: Any, delivery: Delivery) -> None:
    if isinstance(result, list):
        if not result:
            raise WorkerError("FastVideo gave no result.")
        result = result[0]
    delivery.final(result, field(result, "frames"))


async def deliver_events(events: AsyncGenerator[Any, None], delivery: Delivery) -> None:
    """Sends what comes while it comes. The generator waits meanwhile: a slow client slows the model down."""
    from fastvideo.api import VideoFinalEvent, VideoPartialEvent, VideoProgressEvent

    ended = False
    try:
        async for event in events:
            if isinstance(event, VideoProgressEvent):
                delivery.progress(event.step, event.total_steps, event.stage)
            elif isinstance(event, VideoPartialEvent):
                delivery.partial(event.frames)
            elif isinstance(event, VideoFinalEvent) and not ended:
                ended = True
                result = event.result
                delivery.final(result if result is not None else event_fields(event), event.frames)
    finally:
        await events.aclose()
    if not ended:
        raise WorkerError("FastVideo ended without a final event.")
