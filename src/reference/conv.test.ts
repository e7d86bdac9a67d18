import { describe, expect, it } from "vitest";
import { centralDifferences, dot, randomTensor, relativeError } from "../../test/support/gradient-check.ts";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";

const plain = { kernel_shape: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
const w = refTensor([1, 1, 2, 2], [1, 2, 3, 4]);

describe("Conv", () => {
  const x = refTensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);

  it("without padding, with a bias", () => {
    // 1·1 + 2·2 + 4·3 + 5·4 = 37, and so on.
    const bias = refTensor([1], [0.5]);
    expect(reference.Conv([x, w, bias], plain)).toEqual([refTensor([1, 1, 2, 2], [37.5, 47.5, 67.5, 77.5])]);
  });

  it("pads top, left, bottom, right in that order", () => {
    expect(reference.Conv([x, w], { ...plain, pads: [1, 0, 0, 1] })).toEqual([
      refTensor([1, 1, 3, 3], [11, 18, 9, 37, 47, 21, 67, 77, 33]),
    ]);
  });

  it("stride 2", () => {
    expect(reference.Conv([x, w], { ...plain, strides: [2, 2], pads: [1, 1, 1, 1] })).toEqual([
      refTensor([1, 1, 2, 2], [4, 18, 36, 77]),
    ]);
  });

  it("dilation 2", () => {
    // 1·1 + 3·2 + 7·3 + 9·4
    expect(reference.Conv([x, w], { ...plain, dilations: [2, 2] })).toEqual([refTensor([1, 1, 1, 1], [64])]);
  });

  it("tells rows from columns", () => {
    const attrs = { ...plain, strides: [1, 2], dilations: [2, 1], pads: [0, 0, 0, 1] };
    // Rows 0 and 2; columns 0–1 and 2–(padding): 1·1 + 2·2 + 7·3 + 8·4 and 3·1 + 9·3.
    expect(reference.Conv([x, w], attrs)).toEqual([refTensor([1, 1, 1, 2], [58, 30])]);
  });

  it("groups", () => {
    const channels = refTensor([1, 4, 1, 1], [1, 2, 3, 4]);
    const weights = refTensor([2, 2, 1, 1], [1, 10, 100, 1000]);
    const attrs = { ...plain, kernel_shape: [1, 1], group: 2 };
    expect(reference.Conv([channels, weights], attrs)).toEqual([refTensor([1, 2, 1, 1], [21, 4300])]);
    const depthwise = refTensor([4, 1, 1, 1], [1, 10, 100, 1000]);
    expect(reference.Conv([channels, depthwise], { ...attrs, group: 4 })).toEqual([
      refTensor([1, 4, 1, 1], [1, 20, 300, 4000]),
    ]);
    expect(() => reference.Conv([channels, weights], { ...attrs, group: 1 })).toThrow("in 1 groups");
  });

  it("keeps samples apart and adds input channels up", () => {
    const batch = refTensor([2, 2, 1, 1], [1, 2, 3, 4]);
    const weights = refTensor([1, 2, 1, 1], [1, 10]);
    expect(reference.Conv([batch, weights], { ...plain, kernel_shape: [1, 1] })).toEqual([
      refTensor([2, 1, 1, 1], [21, 43]),
    ]);
  });
});

describe("ConvTranspose", () => {
  const x = refTensor([1, 1, 2, 2], [5, 6, 7, 8]);
  const attrs = { ...plain, output_padding: [0, 0] };

  it("spreads each element over its window", () => {
    const y = [5, 16, 12, 22, 60, 40, 21, 52, 32];
    expect(reference.ConvTranspose([x, w], attrs)).toEqual([refTensor([1, 1, 3, 3], y)]);
    expect(reference.ConvTranspose([x, w, refTensor([1], [1])], attrs)[0].data[4]).toBe(61);
  });

  it("pads crop the output", () => {
    expect(reference.ConvTranspose([x, w], { ...attrs, pads: [1, 0, 0, 1] })).toEqual([
      refTensor([1, 1, 2, 2], [22, 60, 21, 52]),
    ]);
  });

  it("stride 2 sets the windows apart; output padding adds a last row", () => {
    const y = [5, 10, 6, 12, 15, 20, 18, 24, 7, 14, 8, 16, 21, 28, 24, 32];
    const strided = { ...attrs, strides: [2, 2] };
    expect(reference.ConvTranspose([x, w], strided)).toEqual([refTensor([1, 1, 4, 4], y)]);
    expect(reference.ConvTranspose([x, w], { ...strided, output_padding: [1, 0] })).toEqual([
      refTensor([1, 1, 5, 4], [...y, 0, 0, 0, 0]),
    ]);
  });

  it("dilation 2 sets the elements of a window apart", () => {
    expect(reference.ConvTranspose([x, w], { ...attrs, dilations: [2, 2] })).toEqual([
      refTensor([1, 1, 4, 4], [5, 6, 10, 12, 7, 8, 14, 16, 15, 18, 20, 24, 21, 24, 28, 32]),
    ]);
  });

  it("groups; weights are [Ci, Co/group, kh, kw]", () => {
    const channels = refTensor([1, 2, 1, 1], [2, 3]);
    const weights = refTensor([2, 2, 1, 1], [1, 10, 100, 1000]);
    const point = { ...attrs, kernel_shape: [1, 1] };
    expect(reference.ConvTranspose([channels, weights], point)).toEqual([
      refTensor([1, 2, 1, 1], [302, 3020]),
    ]);
    expect(reference.ConvTranspose([channels, weights], { ...point, group: 2 })).toEqual([
      refTensor([1, 4, 1, 1], [2, 20, 300, 3000]),
    ]);
  });
});

describe("gradients of Conv", () => {
  it.each([
    { name: "3×3", x: [2, 3, 5, 4], w: [4, 3, 3, 3], pads: [1, 1, 1, 1] },
    { name: "1×1 stride 2", x: [2, 3, 5, 4], w: [2, 3, 1, 1], strides: [2, 2] },
    {
      name: "3×3 stride 2, even size",
      x: [1, 2, 6, 6],
      w: [2, 2, 3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    },
    { name: "groups", x: [1, 4, 4, 4], w: [6, 2, 3, 3], pads: [1, 1, 1, 1], group: 2 },
    {
      name: "depthwise, stride 2",
      x: [1, 3, 5, 5],
      w: [3, 1, 3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      group: 3,
    },
    { name: "dilation", x: [1, 2, 6, 7], w: [2, 2, 3, 2], pads: [2, 1, 2, 1], dilations: [2, 2] },
    {
      name: "uneven",
      x: [1, 2, 6, 7],
      w: [2, 2, 2, 3],
      pads: [0, 1, 2, 0],
      strides: [1, 3],
      dilations: [2, 1],
    },
  ])("$name", ({ name: _, x: xShape, w: wShape, ...given }) => {
    const attrs = { ...plain, ...given, kernel_shape: wShape.slice(2) };
    const [x, weight] = [randomTensor(xShape, 1), randomTensor(wShape, 2)];
    const dy = randomTensor(reference.Conv([x, weight], attrs)[0].shape, 3);

    const [dx] = reference.ConvGradInput([dy, weight], { ...attrs, input_shape: xShape });
    const dxMeasured = centralDifferences((moved) => dot(reference.Conv([moved, weight], attrs)[0], dy), x);
    expect(dx.shape).toEqual(xShape);
    expect(relativeError(dx, dxMeasured)).toBeLessThan(1e-9);

    const [dw] = reference.ConvGradWeight([x, dy], attrs);
    const dwMeasured = centralDifferences((moved) => dot(reference.Conv([x, moved], attrs)[0], dy), weight);
    expect(dw.shape).toEqual(wShape);
    expect(relativeError(dw, dwMeasured)).toBeLessThan(1e-9);
  });

  it("ConvGradInput takes the batch from dY, so that a symbolic batch needs no number", () => {
    const dy = randomTensor([3, 1, 2, 2], 1);
    const [dx] = reference.ConvGradInput([dy, w], { ...plain, input_shape: [0, 1, 3, 3] });
    expect(dx.shape).toEqual([3, 1, 3, 3]);
  });
});
