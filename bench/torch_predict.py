"""`python bench/torch_predict.py MODEL IMAGE`: what a user of PyTorch and timm runs to classify one image."""

import sys

import timm
import torch
from PIL import Image

name, path = sys.argv[1:]
model = timm.create_model(name).eval()
config = timm.data.resolve_model_data_config(model)
transform = timm.data.create_transform(**config, is_training=False)
image = transform(Image.open(path).convert("RGB")).unsqueeze(0)
with torch.inference_mode():
    scores, classes = model(image).softmax(1).topk(5)
for score, index in zip(scores[0].tolist(), classes[0].tolist()):
    print(f"{100 * score:.2f} %  {index}")
