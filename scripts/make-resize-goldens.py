"""Writes what timm's evaluation transform makes of a small image given by a formula.

    python scripts/make-resize-goldens.py test/golden/resize.json

`src/data/images/fit-image.test.ts` makes the same image and compares every pixel.
"""

import json
import sys

import numpy as np
from PIL import Image
from timm.data import create_transform

# [height, width] of the image; [height, width] of the input; share that the crop keeps.
CASES = [
    ((37, 53), (8, 8), 0.875),
    ((53, 37), (9, 9), 0.95),
    ((5, 7), (11, 11), 1),
    ((64, 16), (6, 6), 0.6),
    ((16, 16), (16, 16), 1),
    ((40, 41), (4, 12), 0.9),
]


def picture(height, width):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * 29 + y * 47 + c * 85 + (x * y) % 31 * 8) % 256).astype(np.uint8)


def main(path):
    cases = []
    for image, size, crop in CASES:
        for interpolation in ("bilinear", "bicubic"):
            if interpolation == "bicubic" and size[0] != size[1]:
                continue  # timm resizes for inputs that are not square always bilinearly
            transform = create_transform((3, *size), interpolation=interpolation, crop_pct=crop, mean=(0,) * 3, std=(1,) * 3)
            pixels = (transform(Image.fromarray(picture(*image))) * 255).round().int().flatten().tolist()
            cases.append(
                {"image": image, "size": size, "cropFraction": crop, "interpolation": interpolation, "pixels": pixels}
            )
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main(sys.argv[1])
