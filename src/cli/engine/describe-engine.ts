import type { EngineState } from "./engine-state.ts";

const HOW = `Get oneDNN in one of these ways:
  npx senet engine install       for you alone, without root
  apt-get install libdnnl2       on Debian 12; libdnnl3.6 on Debian 13
  brew install onednn            on macOS and Linux, with Homebrew
  SENET_ONEDNN=/path/of/library  one of your own, from version 2.6 on`;

/** What `senet engine` prints. */
export function describeEngine({ library, refused, koffi, threads }: EngineState): string {
  const reasons = refused.map(({ reason }) => `Not usable: ${reason}.`);
  if (library) {
    const { path, source, origin, version, isa, kernels } = library;
    const from = { environment: "SENET_ONEDNN", cache: origin, system: "the system's" }[source];
    return [
      `Training runs on oneDNN ${version}.`,
      `  library  ${path} (${from})`,
      `  kernels  ${isa}; convolutions ${kernels.join(", ")}`,
      `  threads  ${threads}, one per core`,
      `  koffi    ${koffi}`,
      ...reasons,
    ].join("\n");
  }
  const onOther = "training runs on ONNX Runtime, which takes longer (docs/engine.md).";
  if (koffi === null) {
    return `koffi, the package that calls oneDNN, is not installed for ${process.platform}-${process.arch}: ${onOther}\nGet it by npm install koffi.`;
  }
  return [...reasons, `No oneDNN is found that can be used: ${onOther}`, HOW].join("\n");
}
