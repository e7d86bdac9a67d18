import { appendFile, mkdir, readdir, readFile, rm, rmdir, stat, statfs, truncate } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { formatBytes } from "../data/limits.ts";
import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnxChunks } from "../onnx/encode.ts";
import { withFileName } from "../onnx/malformed.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { fileError } from "../weights/file-error.ts";
import { readSafetensorsFile, writeFileAtomic, writeSafetensorsFile } from "../weights/files-node.ts";
import type { Safetensors } from "../weights/safetensors.ts";
import { buildModel } from "./build.ts";
import { describeIssue, parseTrainConfig, type TrainConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";

/** One line of `log.jsonl`: an epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps done since the beginning of the run. */
  readonly step: number;
  readonly learningRate: number;
  /** On augmented batches, as they were trained on. */
  readonly train: Metrics;
  readonly test: Metrics;
  /** Trained on, by the clock: loading included, evaluation not. */
  readonly imagesPerSecond: number;
  /** Median milliseconds of a step's computation. */
  readonly stepMs: number;
  /** Seconds since the epoch began or was resumed, evaluation included. */
  readonly seconds: number;
}

const metricsSchema = z.strictObject({ loss: z.number(), top1: z.number(), top5: z.number() });
const recordSchema: z.ZodType<EpochRecord> = z.strictObject({
  epoch: z.number().int().min(1),
  step: z.number().int().min(1),
  learningRate: z.number(),
  train: metricsSchema,
  test: metricsSchema,
  imagesPerSecond: z.number(),
  stepMs: z.number(),
  seconds: z.number(),
});

/** The files of a run. */
export const runFiles = {
  config: "config.json",
  log: "log.jsonl",
  best: "best.safetensors",
  last: "last.safetensors",
  model: "model.onnx",
  initial: "initial.onnx",
} as const;

/**
 * A folder that holds one training run: `config.json`, `log.jsonl`, `best.safetensors`, `last.safetensors`, `model.onnx`,
 * and, where a run began with given weights, `initial.onnx`. Every file but the log is replaced as a whole, so an interruption leaves the old one or the new one.
 */
export interface RunFolder {
  readonly path: string;
  readonly config: TrainConfig;
  /**
   * The network the run began with.
   *
   * @throws SenetError `file` when its file is missing or damaged
   */
  readInitial(): Promise<Graph>;
  /** The last checkpoint, or nothing when the run was stopped before its first. */
  readLast(): Promise<Safetensors | undefined>;
  save(
    which: "best" | "last",
    tensors: ReadonlyMap<string, Tensor>,
    metadata: Record<string, string>,
  ): Promise<void>;
  saveModel(onnx: Uint8Array): Promise<void>;
  readLog(): Promise<EpochRecord[]>;
  /** Adds a line; if that fails, the log is left as it was. */
  appendLog(record: EpochRecord): Promise<void>;
  /**
   * Tidies up after an interruption: drops records of epochs that the last checkpoint does not know, a line torn
   * in the middle, and temporary files of a killed process.
   */
  clean(epochs: number): Promise<void>;
  /**
   * Removes a run that never got as far as a checkpoint or a model: its files, and the folders made for it. What was
   * there before, and so an earlier run as a whole, stays.
   */
  discard(): Promise<void>;
}

/**
 * Makes a folder for a new run and writes its configuration and, where it does not follow from that, the network it begins
 * with; if that fails, nothing is left behind.
 *
 * @param wanted the folder; without `exact`, `wanted-2`, `wanted-3`, … when one of that name is there
 * @throws SenetError `file` when a run or anything else is there already, or the folder cannot be made
 */
export async function createRunFolder(
  wanted: string,
  config: TrainConfig,
  { exact, initial }: { readonly exact: boolean; readonly initial?: Graph | undefined },
): Promise<RunFolder> {
  const [path] = exact ? [wanted] : await freeFolders([wanted]);
  await refuseOccupied(path);
  let made: string | undefined;
  try {
    made = await makeFolder(path);
    // First, so that a run with a configuration is complete.
    if (initial) {
      const { chunks } = encodeOnnxChunks(initial, operatorTable);
      await writeFileAtomic(join(path, runFiles.initial), chunks);
    }
    await writeConfig(path, config);
  } catch (error) {
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => {});
    else if (initial) await rm(join(path, runFiles.initial), { force: true }).catch(() => {});
    throw fileError("write", path, error);
  }
  return runFolder(path, config, { made });
}

async function refuseOccupied(path: string): Promise<void> {
  // Hidden files are what desktops and version control leave in empty folders.
  const present = (await readdir(path).catch(() => [])).filter((name) => !name.startsWith("."));
  if (present.length === 0) return;
  const ofRun = Object.values(runFiles).filter((name) => present.includes(name));
  const sentence = ofRun.includes(runFiles.config)
    ? `expected no run there yet, found one; go on with \`senet train --resume ${path}\` or choose another --out`
    : ofRun.length > 0
      ? `expected no run there yet, found ${ofRun.join(", ")} of one without its ${runFiles.config}; move them away or choose another --out`
      : `expected an empty folder or none, found other files in it, such as ${present[0]}; choose another --out`;
  throw new SenetError("file", `${path}: ${sentence}.`);
}

/**
 * Makes a folder and those around it. (Node's recursive `mkdir` never returns where none can be made, as in /proc.)
 *
 * @returns the outermost folder that had to be made, if any
 */
async function makeFolder(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !(await exists(at)); at = dirname(at)) missing.unshift(at);
  if (!(await stat(at)).isDirectory()) throw noFolder(path, "a folder or nothing", "a file there");
  const made: string[] = [];
  try {
    for (const folder of missing) {
      await mkdir(folder);
      made.push(folder);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return (await makeFolder(path)) ?? made[0]; // another process was quicker
    for (const folder of made.reverse()) await rmdir(folder).catch(() => {}); // the first error is the one worth telling
    throw code === "ENOENT" ? noFolder(path, "a place where folders can be made", "none", error) : error;
  }
  return made[0];
}

function noFolder(path: string, expected: string, found: string, cause?: unknown): SenetError {
  return new SenetError("file", `${path}: expected ${expected}, found ${found}; choose another --out.`, {
    cause,
  });
}

/**
 * Writes down that the data of a run has moved.
 *
 * @throws SenetError `file` when it cannot be written
 */
export async function moveData(folder: RunFolder, data: string): Promise<RunFolder> {
  const config = { ...folder.config, data: { ...folder.config.data, path: data } };
  await writeConfig(folder.path, config);
  return { ...folder, config };
}

function writeConfig(path: string, config: TrainConfig): Promise<void> {
  return writeFileAtomic(join(path, runFiles.config), [`${JSON.stringify(config, null, 2)}\n`]);
}

/**
 * Checks, before anything is written, that the disk has room.
 *
 * @throws SenetError `file` when it has not
 */
export async function checkSpace(path: string, bytes: number): Promise<void> {
  let folder = resolve(path);
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const disk = await statfs(folder).catch(() => undefined); // a system that cannot tell, or has no blocks (/proc), is not asked
  const free = disk && disk.blocks > 0 ? disk.bavail * disk.bsize : Number.POSITIVE_INFINITY;
  if (free >= bytes) return;
  throw new SenetError(
    "file",
    `disk full: ${path} needs ${formatBytes(bytes)} for checkpoints and the model, ${formatBytes(free)} are free; free some space or choose another --out.`,
  );
}

/**
 * The folder of an earlier run.
 *
 * @throws SenetError `file` when there is none, or its configuration is not readable
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const file = join(path, runFiles.config);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (!(await exists(path))) {
      throw new SenetError("file", `${path}: expected the folder of a run, found nothing; check the path.`);
    }
    if (!(await exists(file))) {
      throw new SenetError(
        "file",
        `${path}: expected the folder of a run with a ${runFiles.config}, found none; pass a folder that \`senet train\` made.`,
      );
    }
    throw fileError("read", file, error);
  }
  return runFolder(path, parseTrainConfig(parseJson(text, file), file));
}

/** `wanted`, or all of them with the same `-2`, `-3`, … when something of one of these names is there. */
export async function freeFolders(wanted: readonly string[]): Promise<string[]> {
  for (let i = 1; ; i++) {
    const paths = wanted.map((path) => (i === 1 ? path : `${path}-${i}`));
    const taken = await Promise.all(paths.map(exists));
    if (!taken.includes(true)) return paths;
  }
}

/** @param created for a new run: the outermost folder that was made for it, if any */
function runFolder(
  path: string,
  config: TrainConfig,
  created?: { readonly made: string | undefined },
): RunFolder {
  const file = (name: keyof typeof runFiles) => join(path, runFiles[name]);
  const readLog = async (): Promise<EpochRecord[]> => {
    if (!(await exists(file("log")))) return [];
    const lines = (await readFile(file("log"), "utf8")).split("\n");
    // Whatever follows the last line break is a line that was being written when the process was killed.
    return lines.slice(0, -1).map((line, i) => parseRecord(line, `${file("log")}: line ${i + 1}`));
  };
  return {
    path,
    config,
    readInitial: () => readInitial(config, file("initial")),
    readLast: async () => ((await exists(file("last"))) ? readSafetensorsFile(file("last")) : undefined),
    save: (which, tensors, metadata) => writeSafetensorsFile(file(which), tensors, metadata),
    saveModel: (onnx) => writeFileAtomic(file("model"), [onnx]),
    readLog,
    async appendLog(record) {
      const { size } = await stat(file("log")).catch(() => ({ size: 0 }));
      try {
        await appendFile(file("log"), `${JSON.stringify(record)}\n`);
      } catch (error) {
        await truncate(file("log"), size).catch(() => {}); // the next start drops a torn line as well
        throw fileError("write", file("log"), error);
      }
    },
    async clean(epochs) {
      for (const name of await readdir(path)) {
        if (isTemporary(name)) await rm(join(path, name), { force: true });
      }
      const kept = (await readLog()).filter((record) => record.epoch <= epochs);
      await writeFileAtomic(file("log"), [kept.map((record) => `${JSON.stringify(record)}\n`).join("")]);
    },
    async discard() {
      if (created === undefined) return;
      for (const name of ["last", "best", "model"] as const) if (await exists(file(name))) return;
      await rm(file("config"), { force: true });
      await rm(file("log"), { force: true });
      await rm(file("initial"), { force: true });
      if (created.made !== undefined) await removeEmpty(resolve(path), resolve(created.made));
    },
  };
}

async function readInitial(config: TrainConfig, file: string): Promise<Graph> {
  if (config.init === undefined) return buildModel(config);
  const bytes = await readFile(file).catch((error) => {
    throw fileError("read", file, error);
  });
  return withFileName(file, () => decodeOnnx(bytes, operatorTable));
}

/** Removes `path` and the folders around it up to `outermost`, as far as nothing else lies in them. */
async function removeEmpty(path: string, outermost: string): Promise<void> {
  for (let folder = path; folder.startsWith(outermost); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

/** A file that `writeFileAtomic` was writing when its process was killed. */
function isTemporary(name: string): boolean {
  return Object.values(runFiles).some((file) => name.startsWith(`.${file}.`) && name.endsWith(".tmp"));
}

function parseRecord(line: string, where: string): EpochRecord {
  const candidate = parseJson(line, where);
  const result = recordSchema.safeParse(candidate);
  if (result.success) return result.data;
  throw new SenetError("file", `${where}: ${describeIssue(result.error, candidate)}; restore the file.`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SenetError("file", `${file}: expected JSON, found something else; restore the file.`, {
      cause,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
