"""Numbers that Python and TypeScript compute alike (`test/support/golden.ts`), so that no weights or images need storing."""

import math

import numpy as np
import torch


def hash32(k, count):
    """uint32 hashes of elements 0 to count - 1 of tensor k, as uint64 (whose products cannot overflow here)."""
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(k * 40503 + 12345)) & mask
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(2246822519)) & mask
    h ^= h >> np.uint64(13)
    return h


def uniform(k, shape):
    """Float64 values in [-0.5, 0.5)."""
    return torch.from_numpy(hash32(k, math.prod(shape)) / 2**32 - 0.5).reshape(shape)


def hash_name(name):
    """FNV-1a, 32 bits."""
    h = 0x811C9DC5
    for c in name.encode():
        h = ((h ^ c) * 0x01000193) & 0xFFFFFFFF
    return h


def fill_by_name(model, gain):
    """Gives every parameter and statistic of a network values that follow from its name; `gain` scales BatchNorm's weights."""
    with torch.no_grad():
        for name, t in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            u = uniform(hash_name(name), t.shape)
            if t.ndim > 1:
                value = u * (2 * math.sqrt(6 / math.prod(t.shape[1:])))
            elif name.endswith("running_var"):
                value = 1 + 0.4 * u
            elif name.endswith("weight"):
                value = gain * (0.9 + 0.4 * u)
            else:
                value = 0.2 * u
            t.copy_(value.float())
