import { expect, test } from "vitest";
import { nodeScope } from "./node-scope.ts";

test.each([
  ["layer1.0.conv1/Conv", "layer1.0.conv1"],
  ["Conv_7", ""],
  ["", ""],
  ["/Relu", ""],
  ["/layer1/layer1.0/conv1/Conv", "layer1.0.conv1"],
  ["/layer3/layer3.11/se/fc1/Conv_1", "layer3.11.se.fc1"],
  ["/layer1/layer10/Conv", "layer1.layer10"],
])("the scope of %s is '%s'", (name, scope) => {
  expect(nodeScope(name)).toBe(scope);
});
