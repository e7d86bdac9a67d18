import { expect, it } from "vitest";
import { newGraph } from "../ops/new-graph.ts";
import { print } from "./print.ts";
import { tensor } from "./tensor.ts";

it("prints one line a node", () => {
  const b = newGraph("block");
  const x = b.input("x", "float32", ["N", 3, 8, 8]);
  const y = b.scope("conv1", () => {
    const weight = b.parameter("weight", tensor([4, 3, 3, 3], new Float32Array(108)));
    return b.op("Conv", [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  });
  const clipped = b.op("Clip", [y, null, b.constant(6)]);
  const large = b.constant(tensor([9], new Float32Array(9)));
  b.output(
    "y",
    b.op("Mul", [b.op("ReduceSum", [clipped, b.constant([1, 2, 3])], { keepdims: 0 }), b.constant(2)]),
  );
  b.output("z", b.op("Sum", [large]));
  expect(print(b.build())).toMatchInlineSnapshot(`
    "graph block(x: float32 [N, 3, 8, 8])
      %0 = Conv(x, conv1.weight, kernel_shape=3,3, strides=1,1, pads=1,1,1,1, dilations=1,1, group=1) : float32 [N, 4, 8, 8]  # conv1
      %1 = Clip(%0, -, {6}) : float32 [N, 4, 8, 8]
      %2 = ReduceSum(%1, {1 2 3}, keepdims=0, noop_with_empty_axes=0) : float32 [N]
      %3 = Mul(%2, {2}) : float32 [N]
      %4 = Sum(constant[9]) : float32 [9]
      y = %3
      z = %4"
  `);
});
