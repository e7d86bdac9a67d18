"""Exports networks of timm and torchvision to ONNX as their users do, for scripts/check-import.ts.

    python scripts/export_networks.py FOLDER [network ...]

Needs torch, torchvision, timm, onnx and onnxscript. Writes FOLDER/<network>-<exporter>-<opset>.onnx and
FOLDER/manifest.json. Weights are random (nothing is downloaded); BatchNorm's statistics are drawn too, so that a reader that
ignores them is found out. What one exporter cannot export is listed in the manifest with its error. A file that exists is kept.
"""

import contextlib
import io
import json
import os
import sys

import timm
import torch
import torchvision

NETWORKS = [
    "resnet18",
    "mobilenetv2_100",
    "vgg16_bn",
    "densenet121",
    "googlenet",
    "seresnet50",
    "legacy_seresnet50",
    "mobilenetv3_small_100",
    "efficientnet_b0",
    "regnety_008",
    "inception_v3",
]

# Exporter and opset; whether the batch is a symbol.
EXPORTS = [
    ("torchscript", 11, True),
    ("torchscript", 13, True),
    ("torchscript", 17, False),
    ("torchscript", 18, True),
    ("torchscript", 20, True),
    ("dynamo", 18, True),
    ("dynamo", 20, False),
]

SE_CLASSES = {"SEModule", "SqueezeExcite", "SqueezeExcitation"}


def build(name):
    torch.manual_seed(0)
    if timm.is_model(name):
        model = timm.create_model(name)
        size = model.default_cfg["input_size"][-1]
    else:
        model = torchvision.models.get_model(name, weights=None, **({"init_weights": True} if name in ("googlenet", "inception_v3") else {}))
        size = 224
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.eval(), size


def export(model, size, path, exporter, opset, symbolic):
    x = torch.zeros(2, 3, size, size)
    options = {"opset_version": opset, "input_names": ["images"], "output_names": ["logits"]}
    if exporter == "torchscript":
        axes = {"images": {0: "N"}, "logits": {0: "N"}} if symbolic else None
        torch.onnx.export(model, (x,), path, dynamo=False, dynamic_axes=axes, **options)
    else:
        shapes = ({0: torch.export.Dim("N")},) if symbolic else None
        torch.onnx.export(
            model, (x,), path, dynamo=True, external_data=False, dynamic_shapes=shapes, **options
        )


def main(folder, names):
    os.makedirs(folder, exist_ok=True)
    manifest_path = os.path.join(folder, "manifest.json")
    entries = {}
    for name in names:
        model, size = build(name)
        blocks = sum(type(module).__name__ in SE_CLASSES for module in model.modules())
        for exporter, opset, symbolic in EXPORTS:
            file = f"{name}-{exporter}-{opset}.onnx"
            path = os.path.join(folder, file)
            entry = {
                "file": file,
                "network": name,
                "exporter": exporter,
                "opset": opset,
                "symbolicBatch": symbolic,
                "size": size,
                "seBlocks": blocks,
                "torch": torch.__version__,
            }
            try:
                if not os.path.exists(path):
                    with contextlib.redirect_stdout(io.StringIO()):
                        export(model, size, f"{path}.part", exporter, opset, symbolic)
                    os.replace(f"{path}.part", path)
            except Exception as error:  # whatever an exporter throws is worth a line in the table
                entry["error"] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            entries[file] = entry
            print(file, entry.get("error", "ok"), flush=True)
            with open(manifest_path, "w", encoding="utf-8") as out:
                json.dump(list(entries.values()), out, indent=1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python scripts/export_networks.py FOLDER [network ...]")
    main(sys.argv[1], sys.argv[2:] or NETWORKS)
