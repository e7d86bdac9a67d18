import { expect, test } from "vitest";
import { describeEngine } from "./describe-engine.ts";

const nothing = { library: null, refused: [], koffi: "3.3.4", threads: 2 };
const refused = [{ path: "/cache/libdnnl.so.3", reason: "/cache/libdnnl.so.3: damaged" }];

test("what is found, and what was passed over", () => {
  const library = {
    path: "libdnnl.so.2",
    source: "system",
    version: "2.6.3",
    isa: "avx512_core",
    kernels: ["jit:avx512_core", "ref:any"],
  } as const;
  expect(describeEngine({ ...nothing, library, refused })).toBe(
    "Training runs on oneDNN 2.6.3.\n" +
      "  library  libdnnl.so.2 (the system's)\n" +
      "  kernels  avx512_core; convolutions jit:avx512_core, ref:any\n" +
      "  threads  2, one per core\n" +
      "  koffi    3.3.4\n" +
      "Not usable: /cache/libdnnl.so.3: damaged.",
  );
});

test("how to get what is missing", () => {
  expect(describeEngine(nothing)).toMatch(
    /^No oneDNN is found that can be used: training runs on ONNX Runtime, .+\nGet .+\n {2}npx senet engine install /,
  );
  expect(describeEngine({ ...nothing, refused })).toMatch(/^Not usable: \S+: damaged\.\nNo oneDNN is found/);
  expect(describeEngine({ ...nothing, koffi: null })).toMatch(
    /^koffi, the package that calls oneDNN, is not installed for .+\nGet it by npm install koffi\.$/,
  );
});
