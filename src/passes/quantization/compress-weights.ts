import { SenetError } from "../../base/errors.ts";
import { roundHalfToEven } from "../../base/round.ts";
import { dtypes } from "../../ir/dtype.ts";
import { type Graph, type Node, Value } from "../../ir/graph.ts";
import { firstNonFinite, type Tensor, tensor } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { rebuild } from "../graph/rebuild.ts";
import { integerForm } from "./integer-form.ts";
import { quantizeWeight } from "./quantize-weight.ts";
import type { WeightFormat } from "./weight-formats.ts";

/** The largest finite float16. */
const MAX_HALF = 65_504;

/**
 * The graph with its weights stored in fewer bits and read back as float32 in the graph, so that only the file is smaller:
 * - `fp16` every float32 parameter as float16, then Cast; one with a number beyond ±65,504 stays float32;
 * - `int8` the weights of convolutions and matrix products as signed bytes with a scale per channel, then Cast and Mul (and not
 *   DequantizeLinear, which ONNX Runtime would compute at every run instead of once); one that something else reads too stays float32.
 *
 * @throws SenetError `graph` for a network without float32 weights, such as one that is quantized already; `data` for int8 of a weight
 * with NaN or infinity, naming it
 * @example compressWeights(createModel("seresnet50"), "fp16") // half the file
 */
export function compressWeights(graph: Graph, format: WeightFormat): Graph {
  const uses = usesOf(graph);
  const made = new Map<Value, Value>();
  const readByOthers = new Set(
    graph.nodes.flatMap((node) =>
      node.inputs.filter((_, place) => weightAxis(node, place, uses) === undefined),
    ),
  );
  let found = false;
  const remember = (value: Value, make: () => Value): Value => {
    const known = made.get(value) ?? make();
    made.set(value, known);
    return known;
  };
  const stored = rebuild(graph, {
    node(b, node, inputs) {
      const operands = inputs.map((value, place) => {
        if (!uses.isStored(value) || value.role !== "parameter" || value.dtype !== "float32") return value;
        const { tensor: content } = value;
        if (format === "fp16") {
          found = true;
          if (!fitsHalf(content)) return value;
          const cast = () => b.op("Cast", [replaced(value, toHalf(content))], { to: dtypes.float32.onnx });
          return remember(value, cast);
        }
        const axis = weightAxis(node, place, uses);
        if (axis === undefined) return value;
        found = true;
        if (readByOthers.has(value)) return value;
        return remember(value, () => {
          checkFinite(graph.name, value.name, content);
          const { values, scales } = quantizeWeight(content, axis, { max: 127 });
          const spread = content.shape.map((dim, i) => (i === axis ? dim : 1));
          const whole = b.op("Cast", [replaced(value, values)], { to: dtypes.float32.onnx });
          return b.op("Mul", [whole, b.constant({ ...scales, shape: spread })]);
        });
      });
      return b.ops(node.op, operands, node.attrs);
    },
  });
  if (found) return stored;
  throw new SenetError(
    "graph",
    `${graph.name}: expected float32 weights to store as ${format}, found none; give the network that it was made from.`,
  );
}

function checkFinite(graph: string, weight: string | undefined, content: Tensor): void {
  const found = firstNonFinite(content);
  if (found === undefined) return;
  throw new SenetError(
    "data",
    `${graph}: expected finite numbers in ${weight}, found ${found}; check the network's weights.`,
  );
}

/** The axis of a layer's output channels, if input `place` is its weight. */
function weightAxis(node: Node, place: number, uses: Uses): number | undefined {
  const form = place === 1 ? integerForm(node, uses) : undefined;
  return typeof form === "object" && form.kind === "layer" ? form.axis : undefined;
}

function replaced({ role, name }: Value, content: Tensor): Value {
  return new Value(role, content.dtype, content.shape, { name, tensor: content });
}

function fitsHalf({ data }: Tensor): boolean {
  return (data as Float32Array).every((number) => Math.abs(number) <= MAX_HALF);
}

/** The nearest float16 of each number, as bits. */
function toHalf({ shape, data }: Tensor): Tensor {
  return tensor(shape, Uint16Array.from(data as Float32Array, halfBits), "float16");
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** float32 → float16, rounded half to even; numbers below the smallest subnormal become 0. */
function halfBits(number: number): number {
  float[0] = number;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(number);
  if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
  const exponent = ((bits[0] >>> 23) & 0xff) - 127;
  const fraction = roundHalfToEven((magnitude / 2 ** exponent - 1) * 1024);
  // A fraction rounded up to 1024 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + fraction);
}
