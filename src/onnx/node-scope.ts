/**
 * The module path in a node's name, which is what stands before its last `/`. Names by PyTorch's exporter,
 * which repeat the path at each level, become the path alone.
 *
 * @example
 * nodeScope("layer1.0.conv1/Conv") // "layer1.0.conv1"
 * nodeScope("/layer1/layer1.0/conv1/Conv") // "layer1.0.conv1"
 * nodeScope("Conv_7") // ""
 */
export function nodeScope(name: string): string {
  const end = name.lastIndexOf("/");
  if (end < 0) return "";
  const path = name.slice(0, end);
  if (!path.startsWith("/")) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    const last = parts.at(-1);
    if (last !== undefined && part.startsWith(`${last}.`)) parts.pop();
    if (part !== "") parts.push(part);
  }
  return parts.join(".");
}
