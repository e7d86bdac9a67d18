"""PyTorch as a peer process: images through a network, timed, driven by JSON lines.

One request a line on stdin, one answer a line on stdout; end of input ends the process.

    {"cmd": "init", "id": "a", "model": "seresnet50", "size": 224, "batch": 1, "threads": 2,
     "channelsLast": true, "compiled": false}     -> {"ok": true, "torch": "2.13.0+cpu"}
    {"cmd": "run", "id": "a", "count": 1}         -> {"ms": [61.3]}
    {"cmd": "export", "model": "seresnet50", "size": 224, "batch": 1, "path": "timm.onnx"} -> {"ok": true}

A mistake is answered by {"error": "..."} and the process goes on. The CIFAR networks are those of torch_step.py, all others
timm's. Weights are random: nothing is downloaded.
"""

import contextlib
import io
import json
import sys
import time
import warnings

import torch

from torch_step import build

# Neither is news at every convolution and export: that this processor has no NNPACK, and which exporter is the newer one.
torch.backends.nnpack.set_flags(False)
warnings.simplefilter("ignore")


def create(name, size, batch):
    return build(name, classes=None).eval(), torch.randn(batch, 3, size, size)


class Instance:
    def __init__(self, model, size, batch, threads, channelsLast=False, compiled=False):
        torch.set_num_threads(threads)
        self.model, self.images = create(model, size, batch)
        if channelsLast:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        if compiled:
            self.model = torch.compile(self.model)

    def timed_runs(self, count):
        times = []
        with torch.inference_mode():
            for _ in range(count):
                start = time.perf_counter()
                self.model(self.images)
                times.append(1000 * (time.perf_counter() - start))
        return {"ms": times}


def export(model, size, batch, path):
    network, images = create(model, size, batch)
    # The exporter talks on stdout, which carries answers here.
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(network, (images,), path, dynamo=False, opset_version=17)
    return {"ok": True}


def answer(request, instances):
    fields = dict(request)
    command = fields.pop("cmd", None)
    if command == "init":
        name = fields.pop("id")
        instances[name] = Instance(**fields)
        return {"ok": True, "torch": torch.__version__}
    if command == "run":
        return instances[fields["id"]].timed_runs(fields["count"])
    if command == "export":
        return export(**fields)
    raise ValueError(f"cmd {json.dumps(command)}: expected init, run or export")


def main():
    instances = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), instances)
        except Exception as error:  # the peer must outlive any one bad request
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
