import type { NodeProto } from "onnx-buf";

/** Where PyTorch's exporter by `torch.export` writes the path of each module around a node, and the node's own name, as Python prints a list. */
const nameScopes = "pkg.torch.onnx.name_scopes";

/**
 * The module path of a node: as an exporter recorded it, or as its name implies.
 *
 * @example scopeOf(node) // "layer1.0.se", for name_scopes "['', 'layer1', 'layer1.0', 'layer1.0.se', 'mean']"
 */
export function scopeOf({ name, metadataProps }: NodeProto): string {
  const written = metadataProps.find(({ key }) => key === nameScopes)?.value;
  if (written === undefined) return nodeScope(name);
  const path = Array.from(written.matchAll(/'([^']*)'/g), ([, part]) => part);
  return path.at(-2) ?? "";
}

/**
 * The module path in a node's name, which is what stands before its last `/`, with a dot between modules. Names by PyTorch's
 * exporter, which repeat the path at each level, become the path alone.
 *
 * @example
 * nodeScope("layer1.0.conv1/Conv") // "layer1.0.conv1"
 * nodeScope("/layer1/layer1.0/conv1/Conv") // "layer1.0.conv1"
 * nodeScope("block1/conv1/Conv2D") // "block1.conv1", as tf2onnx names nodes
 * nodeScope("Conv_7") // ""
 */
export function nodeScope(name: string): string {
  const end = name.lastIndexOf("/");
  if (end < 0) return "";
  const parts: string[] = [];
  for (const part of name.slice(0, end).split("/")) {
    const last = parts.at(-1);
    if (last !== undefined && part.startsWith(`${last}.`)) parts.pop();
    if (part !== "") parts.push(part);
  }
  return parts.join(".");
}
