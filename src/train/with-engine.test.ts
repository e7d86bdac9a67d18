import { expect, it } from "vitest";
import { config } from "../../test/support/train-config.ts";
import { withEngine } from "./with-engine.ts";

it("a new run has the engine that was taken, and no former ones", () => {
  expect(withEngine(config, "onednn")).toEqual({ ...config, engine: "onednn" });
});

it("each change is noted with the step after which it was made", () => {
  const first = { ...config, engine: "onednn", step: 5 } as const;
  expect(withEngine(config, "onednn", first)).toEqual({ ...config, engine: "onednn" });
  const changed = withEngine(config, "onnxruntime", first);
  expect(changed).toEqual({ ...config, engine: "onnxruntime", formerEngines: [["onednn", 5]] });
  // What config.json says of former engines may be older than the checkpoint.
  expect(withEngine(config, "onnxruntime", { ...changed, step: 7 })).toEqual(changed);
  expect(withEngine(changed, "onednn", { ...changed, step: 8 }).formerEngines).toEqual([
    ["onednn", 5],
    ["onnxruntime", 8],
  ]);
});
