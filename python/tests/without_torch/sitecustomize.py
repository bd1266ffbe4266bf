"""Lets FastVideo's own source be imported by a Python that has none of what it computes with.

Put this folder and the one that holds ``fastvideo/`` into ``PYTHONPATH``. Each name of a heavy package is then an empty
class: enough to be inherited from, called, compared and used as a decorator while modules are imported. FastVideo's
configuration needs no more than that.
"""

from __future__ import annotations

import abc
import sys
import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

PACKAGES = set(
    "torch torchvision transformers diffusers safetensors huggingface_hub einops yaml cloudpickle filelock imageio "
    "remote_pdb ftfy tqdm PIL scipy requests packaging regex psutil".split()
)


class Name(abc.ABCMeta):
    """Any name of a heavy package, and any of those below it."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(cls, name, stand_in(name))
        return cls.__dict__[name]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if "is_stand_in" not in cls.__dict__:
            return super().__call__(*args, **kwargs)
        return args[0] if len(args) == 1 and not kwargs and callable(args[0]) else cls

    def __float__(cls) -> float:
        return 1.0

    def __index__(cls) -> int:
        return 1

    def __iter__(cls) -> Any:
        return iter(())

    def __hash__(cls) -> int:
        return id(cls)

    def same(cls, *_: Any) -> Any:
        return cls

    def no(cls, *_: Any) -> bool:
        return False

    __getitem__ = __or__ = __ror__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = same
    __truediv__ = __neg__ = same
    __lt__ = __le__ = __gt__ = __ge__ = no


def stand_in(name: str) -> Name:
    return Name(name, (object,), {"is_stand_in": True})


class HeavyModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "2.11.0"
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, stand_in(name))
        return self.__dict__[name]


class Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> HeavyModule:
        return HeavyModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


sys.meta_path.insert(0, Finder())
