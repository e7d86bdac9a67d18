#!/usr/bin/env python3
"""Checks .onnx files as others will use them: onnx's checker (with shape inference) and plain onnxruntime.

    senet export seresnet50 -o seresnet50.onnx
    python scripts/check-export.py seresnet50.onnx …

Needs the packages onnx and onnxruntime. Prints some node names and the metadata; exits with 1 when a file fails.
"""

import sys

import numpy as np
import onnx
import onnxruntime as ort

DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


def check(path: str) -> None:
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    opsets = {o.domain or "ai.onnx": o.version for o in model.opset_import}
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names), "node names are missing or repeated"
    initializers = {tensor.name for tensor in model.graph.initializer}
    assert len(initializers) == len(model.graph.initializer), "initializers are repeated"
    assert set(opsets) == {"ai.onnx"}, f"expected only standard operators, found {opsets}"

    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    for batch in (1, 2):
        outputs = session.run(None, feeds(session, batch))
        for port, value in zip(session.get_outputs(), outputs):
            declared = [batch if isinstance(d, str) else d for d in port.shape]
            assert list(value.shape) == declared, f"{port.name}: declared {declared}, computed {value.shape}"
            assert np.isfinite(value).all(), f"{port.name}: not finite"

    shapes = [f"{p.name} {p.shape}" for p in [*session.get_inputs(), *session.get_outputs()]]
    print(f"{path}: ok, IR {model.ir_version}, opset {opsets['ai.onnx']}, {', '.join(shapes)}")
    se = [name for name in names if ".se" in name or "se_module" in name]
    print(f"  {len(names)} nodes: {', '.join((se or names)[:4])}, …")
    for prop in model.metadata_props:
        print(f"  {prop.key}: {prop.value}")


def feeds(session: ort.InferenceSession, batch: int) -> dict[str, np.ndarray]:
    """Random numbers; a symbolic dimension is the batch."""
    random = np.random.default_rng(0)
    return {
        port.name: random.standard_normal([batch if isinstance(d, str) else d for d in port.shape]).astype(
            DTYPES[port.type]
        )
        for port in session.get_inputs()
    }


def main(paths: list[str]) -> int:
    if not paths:
        print("check-export.py: expected .onnx files.", file=sys.stderr)
        return 2
    failed = 0
    for path in paths:
        try:
            check(path)
        except Exception as error:  # whatever onnx or the engine finds
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
