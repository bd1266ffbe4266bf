from dataclasses import dataclass, field
from typing import Any


@dataclass
class ForwardBatch:
    data_type: str
    prompt: Any = None
    pil_image: Any = None
    return_frames: bool = False
    values: dict = field(default_factory=dict)
    output: Any = None
    extra: dict = field(default_factory=dict)
