"""Large members of a continuation state travel in the message's payload; their places stand in the JSON."""

from __future__ import annotations

from typing import Any

LARGE_MEMBER = 16 * 1024
DEEPEST = 64


def pack(payload: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A copy in which bytes and long strings are replaced by their places, and these members in order.

    Raises ``ValueError`` for a value nested too deeply.
    """
    blobs: list[bytes] = []
    offset = 0

    def place(member: Any, depth: int) -> Any:
        nonlocal offset
        if depth > DEEPEST:
            raise ValueError(f"A continuation state is nested more than {DEEPEST} levels deep.")
        if isinstance(member, dict):
            return {key: place(value, depth + 1) for key, value in member.items()}
        if isinstance(member, (list, tuple)):
            return [place(value, depth + 1) for value in member]
        if isinstance(member, (bytes, bytearray, memoryview)):
            blob, encoding = bytes(member), "binary"
        elif isinstance(member, str) and len(member) > LARGE_MEMBER:
            blob, encoding = member.encode(), "utf8"
        else:
            return member
        blobs.append(blob)
        at, offset = offset, offset + len(blob)
        return {"$blob": {"offset": at, "length": len(blob), "encoding": encoding}}

    packed: dict[str, Any] = place(payload, 0)
    return packed, blobs


def unpack(payload: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Puts the members back. Raises ``ValueError`` for a place that is outside ``data`` or not well formed."""

    def restore(member: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError(f"A continuation state is nested more than {DEEPEST} levels deep.")
        if isinstance(member, list):
            return [restore(value, depth + 1) for value in member]
        if not isinstance(member, dict):
            return member
        if "$blob" not in member:
            return {key: restore(value, depth + 1) for key, value in member.items()}
        try:
            place = member["$blob"]
            offset, length, encoding = int(place["offset"]), int(place["length"]), place["encoding"]
        except (KeyError, TypeError, ValueError):
            raise ValueError("A blob of the continuation state has no valid place.") from None
        if offset < 0 or length < 0 or offset + length > len(data):
            raise ValueError(f"A blob at {offset}, {length} bytes, is outside a payload of {len(data)}.")
        blob = data[offset : offset + length]
        return blob.decode() if encoding == "utf8" else blob

    restored: dict[str, Any] = restore(payload, 0)
    return restored
