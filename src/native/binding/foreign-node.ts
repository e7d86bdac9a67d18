import { createRequire } from "node:module";
import type Koffi from "koffi";
import { SenetError } from "../../base/errors.ts";

export type Library = ReturnType<typeof Koffi.load>;

/** RTLD_NOW | RTLD_NODELETE, on Linux and on macOS. */
const PINNED: Readonly<Partial<Record<NodeJS.Platform, number>>> = { linux: 0x1002, darwin: 0x82 };
const LOADER: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};

/**
 * Loads koffi, which calls functions of libraries in C.
 *
 * @throws SenetError `engine` when it is not installed, or has no binary for this platform
 */
export function loadKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)("koffi");
  } catch (error) {
    throw new SenetError(
      "engine",
      `The oneDNN engine: expected the package koffi with a binary for ${process.platform}-${process.arch}, found none; run \`npm install koffi\`.`,
      { cause: error },
    );
  }
}

/**
 * Keeps a library in memory until the process ends: koffi unloads it earlier, under the threads of OpenMP, which still run its code.
 */
export function pinLibrary(koffi: typeof Koffi, path: string): void {
  const loader = LOADER[process.platform];
  const flags = PINNED[process.platform];
  if (loader === undefined || flags === undefined) return;
  koffi.load(loader).func("dlopen", "uintptr_t", ["str", "int"])(path, flags);
}
