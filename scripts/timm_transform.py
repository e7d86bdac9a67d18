"""Serves scripts/compare-preprocessing.ts: what timm makes of an image for a network, as raw float32.

Reads lines `NAME IMAGE OUT` and answers each, once the file is written, with its height and width.
"""

import sys

import timm
from PIL import Image

for line in sys.stdin:
    name, image, out = line.split()
    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    transform = timm.data.create_transform(**config, is_training=False)
    pixels = transform(Image.open(image).convert("RGB"))
    pixels.numpy().astype("float32").tofile(out)
    print(*pixels.shape[1:], flush=True)
