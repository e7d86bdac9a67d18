/**
 * The walls of the house (ARCHITECTURE.md), held against the real import graph by `npm run walls`.
 * `test/walls.test.ts` seeds one violation of each kind.
 */

/**
 * Rooms from the ground up: a room imports only from itself and from rooms before it. A folder of `src/` that is not listed is an error.
 * `entries` holds what package.json exports, one file per subpath.
 */
const rooms = [
  "base",
  "files",
  "files/archives",
  "files/download",
  "ir",
  "ops",
  "reference",
  "nn",
  "passes/graph",
  "passes/lower",
  "passes/se",
  "passes/quantization",
  "passes/nchwc",
  "passes/inference",
  "passes/training",
  "onnx",
  "models/parts",
  "models/families",
  "models",
  "weights/formats",
  "weights/pickle",
  "weights/hub",
  "weights",
  "analysis",
  "runtime",
  "native/library",
  "native/binding",
  "native/plan",
  "native/forms",
  "native",
  "data/images",
  "data/dataset",
  "data/formats",
  "data",
  "data/loader",
  "predict",
  "train/step",
  "train/engine",
  "train",
  "quantize",
  "report",
  "experiment",
  "cli",
  "entries",
];

/** The rooms that may import a library; every dependency of package.json has one. */
const owners = {
  "@bufbuild/protobuf": ["onnx"],
  "@huggingface/hub": ["weights/hub"],
  "@observablehq/plot": ["report"],
  commander: ["cli"],
  fzstd: ["files/archives"],
  hyparquet: ["data/formats"],
  koffi: ["native/binding"],
  linkedom: ["report"],
  "onnx-buf": ["onnx"],
  "onnxruntime-node": ["runtime"],
  sharp: ["data/images"],
  yaml: ["experiment"],
  zod: ["files", "weights/formats", "weights/hub", "native/library", "train", "experiment"],
};

const escaped = (text) => text.replace(/[/.]/g, "\\$&");
/** Files directly in a room; rooms inside it are rooms of their own. The command line is one room with many folders. */
const filesOf = (room) => (room === "cli" ? "^src/cli/" : `^src/${escaped(room)}/[^/]+$`);
const unlisted = { path: "^src/", pathNot: rooms.map(filesOf) };
const needNode = ["-node\\.ts$", "^src/runtime/node\\.ts$", "^src/cli/"];
const nodeEntries = "^src/entries/(node|data|measure|quantize)\\.ts$";
const test = "\\.test\\.ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...rooms.slice(0, -1).map((room, i) => ({
      name: `${room}-imports-only-from-below`,
      severity: "error",
      from: { path: filesOf(room), pathNot: test },
      to: { path: rooms.slice(i + 1).map(filesOf) },
    })),
    // A file that imports, one that is imported, and one that does neither.
    ...[
      { from: unlisted, to: {} },
      { from: { path: "^src/" }, to: unlisted },
      { from: { ...unlisted, orphan: true }, to: {} },
    ].map((rule) => ({
      name: "every-folder-is-listed",
      comment: "Give the folder its place in `rooms` of .dependency-cruiser.mjs and in ARCHITECTURE.md.",
      severity: "error",
      ...rule,
    })),
    ...Object.entries(owners).map(([library, rooms]) => ({
      name: `${library}-only-in-${rooms.join("-and-")}`,
      severity: "error",
      from: { path: "^src/", pathNot: [...rooms.map(filesOf), test] },
      to: { path: `(^|/)node_modules/${escaped(library)}/` },
    })),
    {
      name: "every-library-has-an-owner",
      comment: "Name the room that may import it in `owners` of .dependency-cruiser.mjs.",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: {
        path: "(^|/)node_modules/",
        pathNot: Object.keys(owners).map((library) => `(^|/)node_modules/${escaped(library)}/`),
      },
    },
    {
      name: "node-only-in-node-files",
      comment:
        "Node's modules are for files named *-node.ts, src/runtime/node.ts and src/cli/; all others run in a browser too.",
      severity: "error",
      from: { path: "^src/", pathNot: [...needNode, test] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-entry-has-the-command-line",
      severity: "error",
      from: { path: filesOf("entries") },
      to: { path: filesOf("cli") },
    },
    {
      name: "browser-files-without-node",
      comment: "A file for browsers loads none that needs Node; the entries for Node are named here.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [...needNode, nodeEntries, test],
      },
      to: { path: [...needNode, nodeEntries], dependencyTypesNot: ["type-only"] },
    },
    // A cycle through several rooms has an import from above, which is an error already and easier to read.
    ...rooms.map((room) => ({
      name: "no-cycles",
      severity: "error",
      from: { path: filesOf(room) },
      to: { circular: true, viaOnly: { path: filesOf(room) } },
    })),
    {
      name: "nothing-outside-src",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { pathNot: ["^src/", "(^|/)node_modules/"], dependencyTypesNot: ["core"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
