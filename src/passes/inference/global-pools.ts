import type { Graph } from "../../ir/graph.ts";
import { isOp } from "../../ops/predicates.ts";
import { axesOf } from "../../ops/reduce-shape.ts";
import { rebuild } from "../graph/rebuild.ts";
import type { Rewritten, SkippedPlace } from "../graph/rewrite.ts";

/**
 * Writes means over height and width, however an exporter wrote them, as `GlobalAveragePool`, which engines compute in the layout
 * of their convolutions: a `ReduceMean` instead makes them copy the map back first.
 *
 * @example globalPools(readOnnx(bytes)).applied // the squeezes of timm's export
 */
export function globalPools(graph: Graph): Rewritten {
  const applied: string[] = [];
  const skipped: SkippedPlace[] = [];
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      const [x] = inputs;
      if (!isOp(node, "ReduceMean") || x?.shape.length !== 4) return undefined;
      const where = node.scope || node.op;
      const axes = axesOf(node);
      const why =
        axes.join() !== "2,3"
          ? `it is a mean over axes ${axes.join(" and ")}, not over height and width`
          : `it is a mean of ${x.dtype}, which engines pool as float32 only`;
      if (axes.join() !== "2,3" || x.dtype !== "float32") {
        skipped.push({ where, why });
        return undefined;
      }
      applied.push(where);
      const pooled = b.op("GlobalAveragePool", [x]);
      return [node.attrs.keepdims === 0 ? b.op("Flatten", [pooled]) : pooled];
    },
  });
  return applied.length === 0 ? { graph, applied, skipped } : { graph: rebuilt, applied, skipped };
}
