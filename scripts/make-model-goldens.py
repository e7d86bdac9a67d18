"""Writes the logits of timm's and torchvision's networks with weights that follow from their names.

    python scripts/make-model-goldens.py test/golden/models.json

`test/model-zoo.test.ts` fills senet's networks by the same formula (scripts/formula.py) and compares.
"""

import json
import sys

import timm
import torch
import torchvision

sys.dont_write_bytecode = True
from formula import fill_by_name, hash_name, uniform  # noqa: E402
from peer_models import NAMES, RESNETS, create  # noqa: E402

CLASSES = 10
# Inputs as small as each network takes, odd where it may be, as that is where paddings show. timm's VGG needs 224.
SIZES = {"vgg16_bn": (224, 224), "inception_v3": (107, 96), "inception_resnet_v2": (107, 96)}
USUAL = (75, 64)
# Through dozens of residual units signals of gain 1 grow until PyTorch's own float32 and float64 part; elsewhere they fade.
GAINS = {**{name: 0.8 for name in RESNETS}, "efficientnet_b0": 1.2}
USUAL_GAIN = 1.0

models = {}
for name in NAMES:
    print(name, file=sys.stderr)
    model = create(name, CLASSES)
    gain = GAINS.get(name, USUAL_GAIN)
    fill_by_name(model, gain)
    shape = (1, 3, *SIZES.get(name, USUAL))
    images = (uniform(hash_name("images"), shape) * 12**0.5).float()
    with torch.no_grad():
        logits = model.double()(images.double())
    models[name] = {"input": shape[1:], "gain": gain, "logits": logits[0].tolist()}

versions = {"torch": torch.__version__, "timm": timm.__version__, "torchvision": torchvision.__version__}
with open(sys.argv[1], "w") as file:
    json.dump({"command": "python scripts/make-model-goldens.py test/golden/models.json", "versions": versions,
               "classes": CLASSES, "models": models}, file, indent=1)
    file.write("\n")
