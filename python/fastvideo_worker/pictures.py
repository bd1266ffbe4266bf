"""Pictures from outside. Nothing in FastVideo opens a file that a client sent: it is read here, as strictly as Pillow can,
and written anew as a PNG of one frame."""

from __future__ import annotations

import os
import struct
from typing import Any

import numpy as np

from fastvideo_worker.failures import one_line
from fastvideo_worker.limits import refused
from fastvideo_worker.png import SIGNATURE, encode_png

# 8K UHD has 33.2 million.
MOST_PIXELS = 2**25
FORMATS = ("PNG", "JPEG", "WEBP")
# Members of a request that name files, and how a client calls them.
FILES = {"init_image_path": "initial_image", "last_image_path": "last_image"}
FILE_LISTS = {"reference_image_paths": "reference_images"}


def with_own_pictures(request: dict[str, Any], folder: str, exact_size: bool) -> dict[str, Any]:
    """The request with the paths of PNG files in ``folder`` in place of those that came. ``exact_size``: first and last
    frame are of the video's size then. Raises :class:`WorkerError` (``invalid_message``) for a file that is no whole
    picture."""
    changed = dict(request)
    size = (request["width"], request["height"]) if exact_size else None
    for key, name in FILES.items():
        if request.get(key) is not None:
            changed[key] = rewritten(request[key], name, os.path.join(folder, f"{name}.png"), size)
    for key, name in FILE_LISTS.items():
        if request.get(key) is not None:
            changed[key] = [
                rewritten(path, f"{name}[{index}]", os.path.join(folder, f"{name}-{index}.png"))
                for index, path in enumerate(request[key])
            ]
    return changed


def rewritten(path: str, name: str, target: str, size: tuple[int, int] | None = None) -> str:
    picture = read_picture(path, name)
    with open(target, "wb") as file:
        file.write(encode_png(picture if size is None else fitted(picture, *size)))
    return target


def fitted(picture: np.ndarray[Any, Any], width: int, height: int) -> np.ndarray[Any, Any]:
    """Scaled to cover this size, and cut to its middle."""
    from PIL import Image

    rows, columns, _ = picture.shape
    scale = max(width / columns, height / rows)
    size = (max(width, round(columns * scale)), max(height, round(rows * scale)))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    scaled = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    return np.array(scaled.crop((left, top, left + width, top + height)), dtype=np.uint8)


def read_picture(path: str, name: str) -> np.ndarray[Any, Any]:
    """The first frame as uint8 (H, W, 3), turned as its metadata says."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=FORMATS) as image:
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.load()
                return np.array(ImageOps.exif_transpose(image).convert("RGB"), dtype=np.uint8)
    except Exception as error:
        # Pillow names the file, which is one of ours.
        why = one_line(error).replace(str(path), "the file")
        raise refused(f"{name}: it cannot be read ({why}); send a whole PNG, JPEG or WebP picture.") from None
    raise refused(f"{name}: it is {width}x{height}; a picture has at most {MOST_PIXELS} pixels.")


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height as the header of a PNG tells them. Raises ``ValueError`` for anything else."""
    if len(data) < 33 or data[: len(SIGNATURE)] != SIGNATURE or data[12:16] != b"IHDR":
        raise ValueError("a picture is no PNG")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width * height <= MOST_PIXELS):
        raise ValueError(f"a picture is {width}x{height}, and at most {MOST_PIXELS} pixels are taken")
    return width, height
