import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, type Node, Value } from "../../ir/graph.ts";
import { scalar, type Tensor, tensor } from "../../ir/tensor.ts";
import { rebuild } from "../graph/rebuild.ts";
import { sourceOf } from "./integer-form.ts";
import { knownRange, type QuantizationPlan, type Range } from "./quantization-plan.ts";
import { quantizeWeight } from "./quantize-weight.ts";

/** A graph with integers in it, and what became of each value. */
export interface QuantizedGraph {
  readonly graph: Graph;
  /** The float32 replacement of a value that was computed before; none inside a fused group. */
  readonly counterparts: ReadonlyMap<Value, Value>;
}

export interface InsertOptions {
  /** 7 bits for weights, for processors whose 8-bit products saturate (x86-64 without VNNI). Default false. */
  readonly reduceRange?: boolean | undefined;
}

/** How a float becomes a byte: byte = round(x / scale) + zeroPoint, from 0 to 255. */
export interface Encoding {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * The uint8 encoding of a range, widened to hold 0, which is met exactly: padding and ReLU make zeros.
 *
 * @example encodingOf({ min: 0, max: 5.1 }) // { scale: 0.02, zeroPoint: 0 }
 */
export function encodingOf({ min, max }: Range): Encoding {
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)];
  const scale = Math.fround((high - low) / 255);
  if (scale === 0) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(Math.max(Math.round(-low / scale), 0), 255) };
}

/**
 * The graph quantized according to a plan, in ONNX's QDQ form: QuantizeLinear and DequantizeLinear around each stored value,
 * weights in int8 with a scale per channel, biases in int32. An engine without integer kernels computes the same network from it in
 * float32; ONNX Runtime fuses each pattern into one integer operator. ReLUs vanish into the zero point 0 of their result.
 *
 * @param ranges of each of `valuesToObserve(plan)`
 */
export function insertQuantization(
  graph: Graph,
  plan: QuantizationPlan,
  ranges: ReadonlyMap<Value, Range>,
  { reduceRange = false }: InsertOptions = {},
): QuantizedGraph {
  const encodings = new Map<Value, Encoding>();
  for (const value of plan.stored) {
    const source = sourceOf(value);
    const range = ranges.get(source) ?? knownRange(source);
    if (range) encodings.set(value, encodingOf(range));
  }
  const readByOthers = graph.nodes.filter((node) => !plan.integer.has(node)).flatMap(({ inputs }) => inputs);
  const layers = layerQuantizer(reduceRange ? 63 : 127, new Set(readByOthers));
  const inputs = new Map<Value, Value>();
  const counterparts = new Map<Value, Value>();
  /** Inputs of the graph pass through a byte where they are first read. */
  const fed = (b: GraphBuilder, value: Value | null, original: Value | null): Value | null => {
    const encoding = original?.role === "input" ? encodings.get(original) : undefined;
    if (!value || !original || !encoding) return value;
    const known = inputs.get(original) ?? throughByte(b, value, encoding);
    inputs.set(original, known);
    return known;
  };
  const quantized = rebuild(graph, {
    node(b, node, given) {
      const operands = given.map((value, i) => fed(b, value, node.inputs[i]));
      const form = plan.integer.get(node);
      if (form?.kind === "layer") {
        const [x] = node.inputs;
        const encoding = x && encodings.get(x);
        if (encoding) operands.splice(1, 2, ...layers(b, node, form.axis ?? 0, encoding));
      }
      const outputs = form?.kind === "clamp" ? [operands[0]] : b.ops(node.op, operands, node.attrs);
      return outputs.map((output, i) => {
        const encoding = encodings.get(node.outputs[i]);
        const result = output && encoding ? throughByte(b, output, encoding) : output;
        if (result) counterparts.set(node.outputs[i], result);
        return result;
      });
    },
  });
  return { graph: quantized, counterparts };
}

/** A value stored as uint8 and read back. */
function throughByte(b: GraphBuilder, value: Value, { scale, zeroPoint }: Encoding): Value {
  const how = [b.constant(scalar(scale)), b.constant(scalar(zeroPoint, "uint8"))];
  return b.op("DequantizeLinear", [b.op("QuantizeLinear", [value, ...how]), ...how]);
}

/**
 * Makes the integer weight and bias of a layer, dequantized; a tensor that several layers share keeps its name once.
 *
 * @param named values that keep their names because layers that stay float read them
 */
function layerQuantizer(max: number, named: Set<Value | null>) {
  const stored = (value: Value, content: Tensor): Value => {
    const { role, name } = value;
    const isFirst = !named.has(value);
    named.add(value);
    return new Value(isFirst ? role : "constant", content.dtype, content.shape, {
      ...(isFirst && { name }),
      tensor: content,
    });
  };
  return (b: GraphBuilder, node: Node, axis: number, { scale: inputScale }: Encoding): Value[] => {
    const [, weight, bias] = node.inputs;
    const data = bias?.tensor?.data as Float32Array | undefined;
    const { values, scales } = quantizeWeight(weight?.tensor as Tensor, axis, {
      max,
      bias: data && { data, inputScale },
    });
    const zeros = tensor(scales.shape, new Int8Array(scales.data.length), "int8");
    const read = b.op(
      "DequantizeLinear",
      [stored(weight as Value, values), b.constant(scales), b.constant(zeros)],
      { axis },
    );
    if (!bias || !data) return [read];
    const sums = Float32Array.from(scales.data as Float32Array, (scale) => scale * inputScale);
    const whole = tensor(
      [sums.length],
      Int32Array.from(data, (value, i) => Math.round(value / sums[i])),
      "int32",
    );
    return [
      read,
      b.op("DequantizeLinear", [stored(bias, whole), b.constant(tensor([sums.length], sums))], { axis: 0 }),
    ];
  };
}
