"""Writes the golden files that pin training, schedules and weight files to PyTorch and safetensors.

    python scripts/make-goldens.py test/golden

No weights or images are stored: both languages compute them from an integer hash (`hash32`). Tensor number k,
element i (row-major) has h = hash32(k, i) and u = h / 2^32 - 0.5. All values are rounded to float32, though
both runs are in float64.

    parameter k (in the order of `parameters`), convolution or linear weight:  u * (2*sqrt(3)*sqrt(2/fan_in))
                                                BatchNorm weight:              1 + 0.2*u
                                                any bias:                      0.1*u
    images of step t, k = 1000 + t:             u * sqrt(12)
    label of sample i at step t, k = 2000 + t:  h mod 10
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from torch.optim import lr_scheduler

sys.dont_write_bytecode = True  # no __pycache__ in bench/
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))
from formula import hash32, uniform  # noqa: E402
from torch_step import build, parameter_groups  # noqa: E402

COMMAND = "python scripts/make-goldens.py test/golden"
STEPS = 10
SUMMED = ["conv1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
          "layer2.0.se.fc1.weight", "layer3.2.bn2.weight", "layer3.2.se.fc2.bias", "fc.weight", "fc.bias"]


def fill(model):
    with torch.no_grad():
        for k, (name, p) in enumerate(model.named_parameters()):
            u = uniform(k, p.shape)
            if p.ndim > 1:
                fan_in = math.prod(p.shape[1:])
                value = u * (2 * math.sqrt(3) * math.sqrt(2 / fan_in))
            else:
                value = 1 + 0.2 * u if name.endswith(".weight") else 0.1 * u
            p.copy_(value.float())


def batch(t, count, size):
    images = (uniform(1000 + t, (count, 3, size, size)) * math.sqrt(12)).float()
    return images, torch.from_numpy((hash32(2000 + t, count) % 10).astype(np.int64))


def train(name, settings, make_optimizer):
    """Losses before each of the steps, and sums over the final state."""
    model = build(name)
    fill(model)
    model.double()
    optimizer = make_optimizer(parameter_groups(model, settings["weightDecay"]), settings)
    losses = []
    for t in range(STEPS):
        images, labels = batch(t, settings["batch"], settings["size"])
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images.double()), labels, label_smoothing=settings["labelSmoothing"])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    parameters = dict(model.named_parameters())
    running = {n: b for n, b in model.named_buffers() if b.is_floating_point()}
    return {
        **settings,
        "losses": losses,
        "parameterSums": {n: sums(parameters[n]) for n in SUMMED if n in parameters},
        "runningSums": {n: b.double().sum().item() for n, b in running.items()},
    }


def sums(p):
    # A sum alone may cancel: the sum of squares says whether the tensor is the right one.
    values = p.detach().double()
    return {"sum": values.sum().item(), "sumOfSquares": values.square().sum().item()}


def training_golden(name, make_optimizer, engine, reference):
    """
    Two runs, both in float64, since PyTorch's float32 rounds as much as an engine's does. `engine` is what an engine must follow: ordinary
    settings, at a learning rate so low that rounding does not grow (at 0.1 the loss is chaotic: PyTorch's own float32 and float64 part by
    3e-3 within ten steps). `reference` is what the reference evaluator must follow to the last digits, at a real learning rate: small
    images, and settings that float32 holds exactly, because a graph's constants are float32.
    """
    return {
        "model": name,
        "steps": STEPS,
        "weightDecayOn": "convolution and linear weights only",
        "firstHashes": {str(k): [int(h) for h in hash32(k, 4)] for k in (0, 7, 1000, 2009)},
        "parameters": [[n, list(p.shape)] for n, p in build(name).named_parameters()],
        "engine": train(name, engine, make_optimizer),
        "reference": train(name, reference, make_optimizer),
    }


ORDINARY = {"batch": 32, "size": 32, "labelSmoothing": 0.1}
EXACT = {"batch": 4, "size": 8, "labelSmoothing": 0.0}


def sgd_golden():
    def make(groups, o):
        return torch.optim.SGD(groups, lr=o["lr"], momentum=o["momentum"], nesterov=True)

    return training_golden(
        "seresnet20", make,
        {**ORDINARY, "lr": 0.004, "momentum": 0.9, "weightDecay": 5e-4},
        {**EXACT, "lr": 2**-3, "momentum": 0.875, "weightDecay": 2**-11},
    )


def adamw_golden():
    def make(groups, o):
        return torch.optim.AdamW(groups, lr=o["lr"], betas=o["betas"], eps=o["eps"])

    return training_golden(
        "resnet20", make,
        {**ORDINARY, "lr": 5e-5, "betas": [0.9, 0.999], "eps": 1e-8, "weightDecay": 0.05},
        {**EXACT, "lr": 2**-10, "betas": [0.875, 0.9375], "eps": 2**-27, "weightDecay": 2**-4},
    )


def rates(lr, make_scheduler, steps=100):
    """The learning rate that each of `steps` optimizer steps uses."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    scheduler = make_scheduler(optimizer)
    values = []
    for _ in range(steps):
        values.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        # OneCycleLR counts its own start as a step and refuses one past its end.
        if len(values) < steps:
            scheduler.step()
    return values


def schedules_golden():
    def warmup_cosine(optimizer):
        warmup = lr_scheduler.LinearLR(optimizer, start_factor=0.1, end_factor=1.0, total_iters=10)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=90)
        return lr_scheduler.SequentialLR(optimizer, [warmup, cosine], milestones=[10])

    return {
        "oneCycle": {
            "maxLr": 0.4, "steps": 100, "pctStart": 0.3, "divFactor": 25, "finalDivFactor": 1e4,
            "rates": rates(0.4, lambda o: lr_scheduler.OneCycleLR(
                o, max_lr=0.4, total_steps=100, pct_start=0.3, anneal_strategy="cos", div_factor=25,
                final_div_factor=1e4, three_phase=False)),
        },
        "cosine": {"lr": 0.1, "tMax": 100, "rates": rates(0.1, lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=100))},
        "step": {"lr": 0.1, "stepSize": 30, "gamma": 0.1,
                 "rates": rates(0.1, lambda o: lr_scheduler.StepLR(o, step_size=30, gamma=0.1))},
        "warmupCosine": {"lr": 0.1, "warmupSteps": 10, "startFactor": 0.1, "tMax": 90,
                         "rates": rates(0.1, warmup_cosine)},
    }


def safetensors_golden():
    """A file by the reference implementation (`pip install safetensors`), one tensor of every dtype we read."""
    from safetensors.numpy import save

    tensors = {
        "10": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
        "b": np.array([True, False, True]),
        "scalar": np.array(2.5, dtype=np.float64),
        "h": np.array([1, -2], dtype=np.float16),
        "i": np.array([[-7]], dtype=np.int32),
        "l": np.array([2**40, -1], dtype=np.int64),
        "u": np.array([250, 1], dtype=np.uint8),
        "s": np.array([-3], dtype=np.int8),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }
    return save(tensors, metadata={"model": "seresnet20", "note": "é"})


def write(path, golden):
    # One line a value would make thousands of lines: lists stay on one line, objects are opened.
    text = _pretty({"command": COMMAND, "torch": torch.__version__, **golden}, "")
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {len(text)} bytes")


def _pretty(value, indent):
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = indent + "  "
    entries = [f"{inner}{json.dumps(key)}: {_pretty(v, inner)}" for key, v in value.items()]
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/make-goldens.py OUT_DIR")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    # One thread: the order of float32 additions, and so the last digits, do not depend on the machine's cores.
    torch.set_num_threads(1)
    write(out / "seresnet20-sgd.json", sgd_golden())
    write(out / "adamw.json", adamw_golden())
    write(out / "schedules.json", schedules_golden())
    (out / "reference.safetensors").write_bytes(safetensors_golden())


if __name__ == "__main__":
    main()
