import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Document, parseDocument } from "yaml";
import { nearest, SenetError } from "../base/errors.ts";
import { fileError } from "../files/file-error.ts";
import { type ExperimentSpec, parseSpec } from "./spec.ts";

/** Presets are spec files; `src/experiment/` and `dist/experiment/` both lie two levels below the package's root. */
const PRESETS = fileURLToPath(new URL("../../assets/experiments", import.meta.url));
const EXTENSION = ".yaml";
/** A spec is written by hand; a larger file is something else. */
const MAX_BYTES = 2 ** 20;

/**
 * The experiment that a preset's name or a file (YAML, and so JSON) stands for.
 *
 * @throws SenetError `unknown-name` for a preset that does not exist, `file` for a file that cannot be read, `usage` for what is wrong in it
 */
export async function readSpec(target: string): Promise<ExperimentSpec> {
  if (/[\\/]|\.(ya?ml|json)$/.test(target)) return parseText(await readText(target), target);
  const names = await presetNames();
  if (!names.includes(target)) {
    throw new SenetError(
      "unknown-name",
      `Experiment "${target}" is not known${nearest(target, names)}; the presets are ${names.join(", ")}, and a spec of your own is a path, such as ./experiment.yaml.`,
    );
  }
  const file = join(PRESETS, target + EXTENSION);
  return parseText(await readText(file), file);
}

/** The names of the presets, in alphabetical order. */
export async function presetNames(): Promise<string[]> {
  const files = await readdir(PRESETS);
  return files
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_BYTES) return await readFile(file, "utf8");
  } catch (error) {
    throw fileError("read", file, error);
  }
  throw new SenetError(
    "file",
    `${file}: expected a spec of at most 1 MiB, found a larger file; check the path.`,
  );
}

function parseText(text: string, where: string): ExperimentSpec {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line;
    const [sentence] = error.message.split(/ at line |\n/);
    throw new SenetError(
      "usage",
      `${where}${line === undefined ? "" : `, line ${line}`}: expected YAML, found a mistake (${sentence}); correct the spec.`,
    );
  }
  return parseSpec(plainOf(document, where), where);
}

/** Anchors are put in where they are named only now: some name nothing, or, nested, would fill the memory. */
function plainOf(document: Document, where: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new SenetError(
      "usage",
      `${where}: expected YAML whose anchors exist and stay small, found a mistake (${cause.message}); correct the spec.`,
      { cause },
    );
  }
}
