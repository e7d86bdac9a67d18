import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { malformed } from "./malformed.ts";

/** A file's graph and what is needed to read it. */
export interface ParsedModel {
  readonly graph: GraphProto;
  /** Version of the standard operator set. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Operator sets that can be read: from the one with numpy's broadcasting (see `modernize.ts` for what changed since) to the newest
 * that onnxruntime-node 1.30 accepts.
 */
const MIN_OPSET = 7;
const MAX_OPSET = 26;

/**
 * The protobuf messages of an `.onnx` file, checked as far as the file as a whole goes.
 *
 * @throws SenetError `file` when it is not an ONNX file or needs what is not supported.
 */
export function parseModel(bytes: Uint8Array): ParsedModel {
  const model = parse(bytes);
  const { graph } = model;
  if (!graph) {
    // Arbitrary bytes can parse as a message of unknown fields.
    malformed(
      model.irVersion === 0n
        ? "expected an ONNX model, found something else; check the path"
        : "it holds no graph; export it again",
    );
  }
  if (model.functions.length > 0) {
    malformed(
      `it defines functions (${model.functions[0].name}), which are not supported; inline them with onnx.inliner`,
    );
  }
  if (graph.sparseInitializer.length > 0) {
    malformed("it stores sparse tensors, which are not supported; store them densely");
  }
  const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
  return { graph, opset: standardOpset(model), metadata };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    return malformed(
      `expected an ONNX model, found ${bytes.length} bytes that are none or only a part of one; check the path and download it again`,
      error,
    );
  }
}

function standardOpset(model: ModelProto): number {
  const entry = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (!entry) malformed("it does not say which version of the ONNX operators it uses; export it again");
  const version = Number(entry.version);
  if (version < MIN_OPSET || version > MAX_OPSET) {
    malformed(
      `expected opset ${MIN_OPSET} to ${MAX_OPSET}, found ${version}; convert it with onnx.version_converter`,
    );
  }
  return version;
}
