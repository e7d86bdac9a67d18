"""Serves scripts/compare-timm.ts: writes each network of timm or torchvision with random weights, and images with their logits.

Reads lines `NAME SIZE FORMAT WEIGHTS IMAGES.safetensors` and answers each, once both files are written, with the line `NAME`. FORMAT
is `safetensors`, `pth` (PyTorch's zip archive) or `pth-legacy` (its format before 1.6).
"""

import sys

import torch
from safetensors.torch import save_file

sys.dont_write_bytecode = True
from peer_models import create  # noqa: E402

CLASSES = 1000


def save(state, format, path):
    """The state dict as its makers save it, counters of BatchNorm included."""
    state = {name: tensor.contiguous() for name, tensor in state.items()}
    if format == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=format == "pth")


def calibrate(model, images):
    """Random statistics as training would leave them: without them deep networks' signals explode or fade, and rounding with them."""
    for m in model.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(m.weight, 0.1, 0.6)
            torch.nn.init.normal_(m.bias, std=0.2)
            m.momentum = None
    model.train()
    model(images)
    model.eval()


for line in sys.stdin:
    name, size, format, weights, answers = line.split()
    torch.manual_seed(0)
    model = create(name, CLASSES)
    images = torch.randn(2, 3, int(size), int(size))
    with torch.no_grad():
        calibrate(model, torch.randn_like(images))
        logits = model.double()(images.double()).float()
        model.float()
    save(model.state_dict(), format, weights)
    save_file({"images": images, "logits": logits}, answers)
    print(name, flush=True)
