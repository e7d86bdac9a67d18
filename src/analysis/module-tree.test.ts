import { expect, it } from "vitest";
import { createModel } from "../models/create-model.ts";
import { complexity } from "./complexity.ts";
import { type ModuleCost, moduleTree } from "./module-tree.ts";
import { addCounts } from "./node-cost.ts";

const { tree, nodes } = complexity(createModel("seresnet8"));
const child = (module: ModuleCost, ...path: string[]): ModuleCost => {
  const found = path.reduce<ModuleCost | undefined>(
    (at, name) => at?.modules.find((inner) => inner.name === name),
    module,
  );
  if (!found) throw new Error(path.join("."));
  return found;
};

it("has the modules and the operations between them, in order", () => {
  expect(tree.modules.map(({ name }) => name)).toEqual([
    "conv1",
    "bn1",
    "Relu",
    "layer1",
    "layer2",
    "layer3",
    "GlobalAveragePool",
    "Flatten",
    "fc",
  ]);
  expect(child(tree, "layer2", "0").modules.map(({ name }) => name)).toEqual([
    "conv1",
    "bn1",
    "Relu",
    "conv2",
    "bn2",
    "se",
    "downsample",
    "Add",
    "Relu",
  ]);
  expect(child(tree, "layer1", "0", "se").modules.map(({ name }) => name)).toEqual([
    "GlobalAveragePool",
    "fc1",
    "Relu",
    "fc2",
    "Sigmoid",
    "Mul",
  ]);
});

it("says of a module of one operation which it is", () => {
  const fc1 = child(tree, "layer3", "0", "se", "fc1");
  expect(fc1).toMatchObject({ path: "layer3.0.se.fc1", op: "Conv", output: [1, 4, 1, 1], modules: [] });
  expect(fc1).toMatchObject({ parameters: 4 * 64 + 4, macs: 4 * 64 });
  expect(fc1.se.macs).toBe(4 * 64);
  expect(child(tree, "layer3").op).toBeUndefined();
  expect(child(tree, "layer3")).toMatchObject({ output: [1, 64, 8, 8], se: { macs: 2 * 4 * 64 } });
});

it("adds up at every level", () => {
  const check = (module: ModuleCost) => {
    if (module.modules.length === 0) return;
    expect(module, module.path).toMatchObject(addCounts(module.modules));
    expect(module.se, module.path).toEqual(addCounts(module.modules.map(({ se }) => se)));
    module.modules.forEach(check);
  };
  check(tree);
  expect(tree).toMatchObject({ name: "seresnet8", path: "", ...addCounts(nodes) });
});

it("gathers a module whose nodes do not stand together", () => {
  const [first, second, ...rest] = nodes;
  const mixed = [
    { ...first, scope: "a.b" },
    { ...second, scope: "c" },
    { ...rest[0], scope: "a" },
  ];
  const { modules } = moduleTree(mixed, "mixed");
  expect(modules.map(({ name }) => name)).toEqual(["a", "c"]);
  expect(modules[0].modules.map(({ name, path }) => [name, path])).toEqual([
    ["b", "a.b"],
    [rest[0].op, "a"],
  ]);
});
