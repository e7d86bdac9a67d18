#!/usr/bin/env python3
"""Writes test/golden/weights/: small files of weights as PyTorch, numpy and safetensors write them, and what these read from them.

    python scripts/make-weights-goldens.py [FOLDER]

Needs torch, torchvision, numpy and safetensors. FOLDER holds `minifasnet/*.pth` (Silent-Face-Anti-Spoofing's weights, which are not in
this repository); with it, the names, shapes and checksums of its files are written too.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import sys
from collections import OrderedDict

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
import torchvision.models as peers

OUT = pathlib.Path(__file__).resolve().parent.parent / "test/golden/weights"


def tensors():
    """One tensor of each type, views that share a storage, an empty one and one without axes."""
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
    shared = torch.arange(10, dtype=torch.float32) - 4.5
    return OrderedDict(
        {
            "conv.weight": base,
            "transposed": base.t(),
            "column": base[:, 1],
            "view.a": shared[2:5],
            "view.b": shared[4:10].reshape(2, 3),
            "double": torch.tensor([1 / 3, -1e300], dtype=torch.float64),
            "half": torch.tensor([1.5, -2.0**-24, 65504.0], dtype=torch.float16),
            "bfloat": torch.tensor([1.0, -3.0e38, 0.0078125], dtype=torch.bfloat16),
            "long": torch.tensor(2**40, dtype=torch.int64),
            "int": torch.tensor([[-7]], dtype=torch.int32),
            "short": torch.tensor([-300, 300], dtype=torch.int16),
            "char": torch.tensor([-3], dtype=torch.int8),
            "byte": torch.tensor([250, 1], dtype=torch.uint8),
            "mask": torch.tensor([True, False]),
            "empty": torch.empty(0, 4),
        }
    )


def listed(state):
    """Shape and values, in row-major order; whole numbers as text, as JSON has no 64 bits."""
    whole = lambda t: not t.is_floating_point() and t.dtype != torch.bool
    return {
        name: {
            "shape": list(t.shape),
            "values": [str(v) if whole(t) else float(v) for v in t.to(torch.float64 if t.is_floating_point() else t.dtype).flatten().tolist()],
        }
        for name, t in state.items()
    }


def write_torch():
    state = tensors()
    # As a training script leaves it: options, an optimizer without tensors, a parameter among the tensors.
    state["fc.bias"] = torch.nn.Parameter(torch.tensor([0.25, -0.5]))
    checkpoint = {
        "epoch": 3,
        "args": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("runs")),
        "best": np.float64(0.75),
        "dtype": torch.float32,
        "size": torch.Size([3, 224, 224]),
        "state_dict": state,
        "state_dict_ema": OrderedDict({"fc.bias": torch.tensor([8.0, 9.0])}),
    }
    torch.save(checkpoint, OUT / "checkpoint.pth")
    torch.save(checkpoint, OUT / "checkpoint-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 1), OUT / "module.pth")
    small = {"a": torch.arange(6.0).reshape(2, 3).t(), "b": torch.tensor([1], dtype=torch.int16)}
    torch.save(small, OUT / "small.pth")
    torch.save(small, OUT / "small-legacy.pth", _use_new_zipfile_serialization=False)
    return listed(state)


def write_safetensors():
    state = {name: t.contiguous().clone() for name, t in tensors().items()}
    safetensors.torch.save_file(state, OUT / "types.safetensors", {"made": "by safetensors"})
    shards = {"a.weight": torch.ones(2, 2)}, {"b.weight": torch.full((3,), 2.0), "c": torch.zeros(1)}
    names = [f"model-{i + 1:05}-of-00002.safetensors" for i in range(2)]
    folder = OUT / "sharded"
    folder.mkdir(exist_ok=True)
    for name, shard in zip(names, shards):
        safetensors.torch.save_file(shard, folder / name)
    index = {"metadata": {"total_size": 32}, "weight_map": {k: n for n, s in zip(names, shards) for k in s}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    return listed(state)


def write_numpy():
    arrays = {
        "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "fortran": np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
        "big": np.array([1.5, -2.5], dtype=">f4"),
        "double": np.array([1 / 3]),
        "half": np.array([1.5], dtype=np.float16),
        "long": np.array(2**40),
        "short": np.array([-300], dtype=np.int16),
        "unsigned": np.array([2**32 - 1], dtype=np.uint32),
        "mask": np.array([True, False]),
        "empty": np.empty((0, 3), dtype=np.float32),
        "zeros": np.zeros((40, 50), dtype=np.float32),
    }
    np.savez(OUT / "stored.npz", **{k: v for k, v in arrays.items() if k != "zeros"})
    np.savez_compressed(OUT / "deflated.npz", **arrays)
    # For tests that damage it ten thousand times.
    np.savez_compressed(OUT / "small.npz", a=np.arange(6, dtype=np.float32).reshape(2, 3))
    np.savez(OUT / "objects.npz", objects=np.array([{}, None]))
    versions = {}
    import zipfile

    with zipfile.ZipFile(OUT / "versions.npz", "w") as archive:
        for major in (1, 2, 3):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.array([major], dtype=np.float32), version=(major, 0))
            archive.writestr(f"v{major}.npy", buffer.getvalue())
            versions[f"v{major}"] = {"shape": [1], "values": [float(major)]}
    return {k: listed({k: torch.from_numpy(np.array(v.astype(v.dtype.newbyteorder("="))))})[k] if v.dtype != np.uint32
            else {"shape": [1], "values": [str(int(v[0]))]} for k, v in arrays.items()}


def write_names():
    """Names and shapes of torchvision's networks, in the order of their state dicts."""
    networks = {
        "vgg16_bn": peers.vgg16_bn,
        "googlenet": lambda: peers.googlenet(init_weights=False),
        "inception_v3": lambda: peers.inception_v3(init_weights=False),
        "mobilenet_v3_small": peers.mobilenet_v3_small,
        "mobilenet_v3_large": peers.mobilenet_v3_large,
        "efficientnet_b0": peers.efficientnet_b0,
        "regnet_y_800mf": peers.regnet_y_800mf,
        "resnet50": peers.resnet50,
        "resnext50_32x4d": peers.resnext50_32x4d,
    }
    names = {k: {n: list(t.shape) for n, t in make().state_dict().items()} for k, make in networks.items()}
    text = json.dumps(names, separators=(",", ":")).encode()
    (OUT / "torchvision-names.json.gz").write_bytes(gzip.compress(text, mtime=0))


def write_minifasnet(folder):
    files = {}
    for path in sorted((folder / "minifasnet").glob("*.pth")):
        state = torch.load(path, map_location="cpu", weights_only=True)
        files[path.name] = [
            [name, list(t.shape), hashlib.sha256(t.contiguous().numpy().tobytes()).hexdigest()[:12]]
            for name, t in state.items()
        ]
    text = json.dumps(files, separators=(",", ":")).encode()
    (OUT / "minifasnet.json.gz").write_bytes(gzip.compress(text, mtime=0))


def main(arguments):
    OUT.mkdir(parents=True, exist_ok=True)
    expected = {"pytorch": write_torch(), "safetensors": write_safetensors(), "npz": write_numpy()}
    (OUT / "expected.json").write_text(json.dumps(expected, indent=None, separators=(",", ":")) + "\n")
    write_names()
    for file in OUT.rglob("*.safetensors"):
        file.chmod(0o644)
    if arguments:
        write_minifasnet(pathlib.Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
