import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { nodeScope, scopeOf } from "./node-scope.ts";

test.each([
  ["layer1.0.conv1/Conv", "layer1.0.conv1"],
  ["Conv_7", ""],
  ["", ""],
  ["/Relu", ""],
  ["/layer1/layer1.0/conv1/Conv", "layer1.0.conv1"],
  ["/layer3/layer3.11/se/fc1/Conv_1", "layer3.11.se.fc1"],
  ["/layer1/layer10/Conv", "layer1.layer10"],
  ["block1/conv1/Conv2D", "block1.conv1"],
  ["resnet50/stage1/block.1/conv__5", "resnet50.stage1.block.1"],
])("the scope of %s is '%s'", (name, scope) => {
  expect(nodeScope(name)).toBe(scope);
});

test.each([
  ["['', 'layer1', 'layer1.0', 'layer1.0.se', 'mean']", "layer1.0.se"],
  ["['', 'relu']", ""],
  ["nothing of this kind", ""],
])("the scope written as %s is '%s'", (value, scope) => {
  const metadataProps = [{ key: "pkg.torch.onnx.name_scopes", value }];
  expect(scopeOf(create(NodeProtoSchema, { name: "node_mean", metadataProps }))).toBe(scope);
});

test("without it, the name tells", () => {
  expect(scopeOf(create(NodeProtoSchema, { name: "layer1.0.conv1/Conv" }))).toBe("layer1.0.conv1");
});
