"""As much of torch as the worker touches, over numpy."""

import os

import numpy as np

__version__ = "0.0-stand-in"
float32 = np.float32
uint8 = np.uint8


class OutOfMemoryError(RuntimeError):
    pass


class Tensor:
    def __init__(self, array):
        self.array = array

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)

    def __getitem__(self, key):
        return Tensor(self.array[key])

    def __setitem__(self, key, value):
        self.array[key] = value.array if isinstance(value, Tensor) else value

    def __mul__(self, factor):
        return Tensor(self.array * np.float32(factor))

    def clamp_(self, least, most):
        return Tensor(self.array.clip(least, most))

    def to(self, dtype):
        return Tensor(self.array.astype(dtype))

    def permute(self, *axes):
        return Tensor(self.array.transpose(axes))

    def detach(self):
        return self

    def cpu(self):
        return self

    def contiguous(self):
        return Tensor(np.ascontiguousarray(self.array))

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def numpy(self):
        return self.array


def zeros(shape, dtype=np.float32):
    return Tensor(np.zeros(shape, dtype))


def ones(shape, dtype=np.float32):
    return Tensor(np.ones(shape, dtype))


class cuda:
    OutOfMemoryError = OutOfMemoryError

    @staticmethod
    def is_available():
        return os.environ.get("STAND_IN_CUDA", "1") == "1"

    @staticmethod
    def synchronize():
        pass

    @staticmethod
    def empty_cache():
        print("torch.cuda.empty_cache()")
