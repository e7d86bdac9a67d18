import { type AttributeProto, AttributeProto_AttributeType } from "onnx-buf";
import { nearest } from "../base/errors.ts";
import type { Attr } from "../ir/graph.ts";
import type { Operator } from "../ir/operator.ts";
import type { AttrSpec } from "../ir/signature.ts";
import { malformed } from "./malformed.ts";

const kinds = {
  int: AttributeProto_AttributeType.INT,
  float: AttributeProto_AttributeType.FLOAT,
  string: AttributeProto_AttributeType.STRING,
  ints: AttributeProto_AttributeType.INTS,
} as const;

/**
 * Attributes that exporters write although the operators here do not have them, with the value (as text) that
 * changes nothing; null: any value, because it matters in training only, or for outputs that are not supported.
 */
const harmless: Readonly<Record<string, string | null>> = {
  auto_pad: "NOTSET",
  block_size: "0",
  dilations: "1,1",
  output_dtype: "0",
  precision: "0",
  saturate: "1",
  seed: null,
  spatial: "1",
  stash_type: "1",
  storage_order: null,
  transBatchA: "0",
  transBatchB: "0",
};

/**
 * A node's attributes, by its operator's specification.
 *
 * @throws SenetError `file` on an attribute that is not known, of another kind, or a subgraph.
 */
export function decodeAttributes(
  protos: readonly AttributeProto[],
  operator: Operator,
  what: string,
): Record<string, Attr> {
  const attrs: Record<string, Attr> = {};
  for (const proto of protos) {
    const spec = Object.hasOwn(operator.attributes, proto.name) ? operator.attributes[proto.name] : undefined;
    if (spec) attrs[proto.name] = decodeValue(proto, spec.kind, what);
    else if (!isHarmless(proto)) {
      malformed(
        `${what}: attribute "${proto.name}"${valueText(proto)} is not supported${nearest(proto.name, Object.keys(operator.attributes))}`,
      );
    }
  }
  return attrs;
}

function decodeValue(proto: AttributeProto, kind: AttrSpec["kind"], what: string): Attr {
  if (proto.type !== kinds[kind]) {
    const found = AttributeProto_AttributeType[proto.type] ?? "an unknown kind";
    malformed(`${what}: attribute "${proto.name}" should be of kind ${kind.toUpperCase()}, found ${found}`);
  }
  if (kind === "float") return shortestFloat(proto.f);
  if (kind === "string") return new TextDecoder().decode(proto.s);
  return kind === "int" ? Number(proto.i) : proto.ints.map(Number);
}

/**
 * The shortest decimal that is this float32: files hold 1e-5 as 0.000009999999747378752, and would otherwise
 * change it at each reading and writing.
 */
export function shortestFloat(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function isHarmless(proto: AttributeProto): boolean {
  if (!Object.hasOwn(harmless, proto.name)) return false;
  const expected = harmless[proto.name];
  return expected === null || simpleText(proto) === expected;
}

function simpleText(proto: AttributeProto): string | undefined {
  if (proto.type === kinds.int) return `${proto.i}`;
  if (proto.type === kinds.float) return `${shortestFloat(proto.f)}`;
  if (proto.type === kinds.ints) return proto.ints.join(",");
  return proto.type === kinds.string ? new TextDecoder().decode(proto.s) : undefined;
}

/** ` = 3` for messages; nothing where the value is long or has no text. */
function valueText(proto: AttributeProto): string {
  const text = simpleText(proto);
  return text === undefined || text.length > 40 ? "" : ` = ${text}`;
}
