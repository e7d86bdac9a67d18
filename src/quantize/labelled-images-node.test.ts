import { afterAll, expect, it } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import type { Classifier } from "../predict/classifier.ts";
import { openLabelledImages } from "./labelled-images-node.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());
folder.write({ "cat/1.png": new Uint8Array(1), "dog/1.png": new Uint8Array(1) });
const network = {
  channels: 3,
  fit: { height: 8, width: 8, cropFraction: 1, interpolation: "bilinear" },
  normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
} as const;

it.each([
  [["ant", "dog"], '2 classes, with "ant" as number 0, found 2, with "cat" there;'],
  [["cat", "dog", "eel"], '3 classes, with "eel" as number 2, found 2;'],
  [undefined, "5 classes, found 2;"],
])("%j are not the classes of the folders", async (classes, sentence) => {
  const classifier = { ...network, classes, classCount: classes?.length ?? 5 } as unknown as Classifier;
  expect(await messageOf(() => openLabelledImages(folder.path, classifier))).toBe(
    `data: ${folder.path}: expected the network's ${sentence} choose the data it was trained on.`,
  );
});
