"""PyTorch as a peer process: a network's training step, timed, driven by JSON lines.

One request a line on stdin, one answer a line on stdout; end of input ends the process.

    {"cmd": "init", "id": "a", "model": "seresnet20", "batch": 128, "threads": 2, "channelsLast": true,
     "classes": 10, "inChannels": 3, "size": 32, "lr": 0.1, "momentum": 0.9, "nesterov": true,
     "weightDecay": 5e-4, "compiled": false}     -> {"ok": true, "torch": "2.13.0+cpu", "parameters": 275534}
    {"cmd": "step", "id": "a", "count": 5}       -> {"ms": [251.3, ...], "loss": 2.31}
    {"cmd": "drop", "id": "a"}                   -> {"ok": true}

Every field but `cmd` and `model` may be left out; the values above are the defaults (`id`: "default",
`count`: 1, `channelsLast`: false). Several instances may live side by side, each with its own id; `threads`
is the process's, set anew before each run of steps. A mistake is answered by {"error": "..."} and the
process goes on. The CIFAR networks (seresnet20, ...) are also what scripts/make-goldens.py trains, so that there
is one definition; those of ImageNet (seresnet50, ...) are timm's, which is needed for them alone.
"""

import json
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class SqueezeExcite(nn.Module):
    """Hu et al. 2018, section 3, as timm names it: mean, two 1x1 convolutions, sigmoid, scale."""

    def __init__(self, channels):
        super().__init__()
        hidden = max(4, channels // 16)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        gate = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(gate))))


class BasicBlock(nn.Module):
    def __init__(self, inputs, width, stride, se):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.se = SqueezeExcite(width) if se else None
        self.downsample = None
        if stride != 1 or inputs != width:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, width, 1, stride, bias=False),
                nn.BatchNorm2d(width, eps=1e-5, momentum=0.1),
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.se is not None:
            y = self.se(y)
        return F.relu(y + shortcut)


class CifarResNet(nn.Module):
    """He et al. 2016, section 4.2: three stages of (depth - 2) / 6 basic blocks, widths 16, 32, 64."""

    def __init__(self, depth, se, in_channels=3, classes=10):
        super().__init__()
        if depth < 8 or (depth - 2) % 6 != 0:
            raise ValueError(f"depth {depth}: expected 6n + 2, such as 20, 32, 44, 56 or 110")
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(in_channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16, eps=1e-5, momentum=0.1)
        self.layer1 = _stage(16, 16, blocks, 1, se)
        self.layer2 = _stage(16, 32, blocks, 2, se)
        self.layer3 = _stage(32, 64, blocks, 2, se)
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def _stage(inputs, width, blocks, stride, se):
    first = BasicBlock(inputs, width, stride, se)
    return nn.Sequential(first, *(BasicBlock(width, width, 1, se) for _ in range(blocks - 1)))


# Depths that name networks for ImageNet, although 50 and 152 are 6n + 2 as well.
IMAGENET_DEPTHS = {18, 34, 50, 101, 152}


def build(model, in_channels=3, classes=10):
    """
    `seresnet20`, `resnet56`, ...: a CifarResNet in training mode; all other names are timm's. `classes` None: as many as the
    network's data set has.
    """
    match = re.fullmatch(r"(se)?resnet(\d+)", model)
    if match is None or int(match[2]) in IMAGENET_DEPTHS:
        import timm

        return timm.create_model(model, num_classes=classes, in_chans=in_channels).train()
    return CifarResNet(int(match[2]), match[1] is not None, in_channels, classes or 10).train()


def parameter_groups(model, weight_decay):
    """Convolution and linear weights decay; BatchNorm's parameters and all biases (one dimension) do not."""
    parameters = list(model.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


DEFAULTS = {
    "batch": 128,
    "threads": 2,
    "channelsLast": False,
    "compiled": False,
    "classes": 10,
    "inChannels": 3,
    "size": 32,
    "lr": 0.1,
    "momentum": 0.9,
    "nesterov": True,
    "weightDecay": 5e-4,
}


class Instance:
    """One network with its optimizer and its fixed random batch."""

    def __init__(self, model, options):
        unknown = sorted(set(options) - set(DEFAULTS))
        if unknown:
            raise ValueError(f"init: unknown field {', '.join(unknown)}; known are {', '.join(DEFAULTS)}")
        o = {**DEFAULTS, **options}
        self.threads = o["threads"]
        torch.set_num_threads(self.threads)
        torch.manual_seed(0)
        memory_format = torch.channels_last if o["channelsLast"] else torch.contiguous_format
        self.model = build(model, o["inChannels"], o["classes"]).to(memory_format=memory_format)
        self.forward = torch.compile(self.model) if o["compiled"] else self.model
        images = torch.randn(o["batch"], o["inChannels"], o["size"], o["size"])
        self.images = images.to(memory_format=memory_format)
        self.labels = torch.randint(o["classes"], (o["batch"],))
        # The default implementation of SGD, foreach where torch chooses it: what a user would get.
        self.optimizer = torch.optim.SGD(
            parameter_groups(self.model, o["weightDecay"]),
            lr=o["lr"],
            momentum=o["momentum"],
            nesterov=o["nesterov"],
        )

    def step(self):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.forward(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def timed_steps(self, count):
        torch.set_num_threads(self.threads)
        times = []
        loss = None
        for _ in range(count):
            start = time.perf_counter()
            loss = self.step()
            times.append(1000 * (time.perf_counter() - start))
        return {"ms": times, "loss": loss.item()}


def answer(request, instances):
    if not isinstance(request, dict):
        raise ValueError('expected an object such as {"cmd": "init", "model": "seresnet20"}')
    fields = dict(request)
    command = fields.pop("cmd", None)
    name = fields.pop("id", "default")
    if command == "init":
        if "model" not in fields:
            raise ValueError('init: expected the field "model", such as "seresnet20"')
        instance = Instance(fields.pop("model"), fields)
        instances[name] = instance
        parameters = sum(p.numel() for p in instance.model.parameters())
        return {"ok": True, "torch": torch.__version__, "parameters": parameters}
    if command not in ("step", "drop"):
        raise ValueError(f"cmd {json.dumps(command)}: expected init, step or drop")
    if name not in instances:
        raise ValueError(f'{command}: no instance "{name}"; send init with this id first')
    if command == "drop":
        del instances[name]
        return {"ok": True}
    count = fields.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"step: count must be a positive integer, found {json.dumps(count)}")
    return instances[name].timed_steps(count)


def main():
    instances = {}
    for line in sys.stdin:
        if line.strip() == "":
            continue
        try:
            reply = answer(json.loads(line), instances)
        except Exception as error:  # the peer must outlive any one bad request
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
