"""One message: two unsigned 32-bit big-endian lengths, the JSON header in UTF-8, then the binary payload."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

PREFIX = struct.Struct(">II")
MAX_HEADER_BYTES = 64 * 2**20
MAX_PAYLOAD_BYTES = 256 * 2**20


class FramingError(Exception):
    """The byte stream is no longer a stream of messages."""


def encode(header: dict[str, Any], payload_length: int = 0) -> bytes:
    """Lengths and header; the payload follows as it is. Raises ``ValueError`` for what JSON cannot say (NaN)."""
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half of a surrogate pair, which UTF-8 cannot say, as the escape that JSON has for it.
    data = text.encode(errors="backslashreplace")
    return PREFIX.pack(len(data), payload_length) + data


def read_message(read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None at the end of the stream.

    ``read(n)`` gives ``n`` bytes, fewer only at the end. Raises :class:`FramingError` when the stream ends within a
    message, a length is over its limit, or the header is not a JSON object.
    """
    prefix = read(PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < PREFIX.size:
        raise FramingError("The stream ended within a message.")
    header_length, payload_length = PREFIX.unpack(prefix)
    if header_length > MAX_HEADER_BYTES or payload_length > MAX_PAYLOAD_BYTES:
        raise FramingError(f"A message of {header_length} + {payload_length} bytes is over the limit.")
    text = read(header_length)
    payload = read(payload_length)
    if len(text) < header_length or len(payload) < payload_length:
        raise FramingError("The stream ended within a message.")
    try:
        header = json.loads(text)
    except ValueError as error:
        raise FramingError(f"A header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise FramingError("A header is not a JSON object.")
    return header, payload
