"""Serves scripts/compare-timm.ts: writes each network of timm or torchvision with random weights, an image and its logits.

Reads lines `NAME FILE.safetensors` and answers each, once the file is written, with the line `NAME`.
"""

import sys

import torch
from safetensors.torch import save_file

sys.dont_write_bytecode = True
from peer_models import create  # noqa: E402

CLASSES = 1000


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
    name, path, size = line.split()
    torch.manual_seed(0)
    model = create(name, CLASSES)
    images = torch.randn(2, 3, int(size), int(size))
    with torch.no_grad():
        calibrate(model, torch.randn_like(images))
        logits = model.double()(images.double()).float()
        model.float()
    tensors = {k: v.contiguous() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    save_file({**tensors, "images": images, "logits": logits}, path)
    print(name, flush=True)
