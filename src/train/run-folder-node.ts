import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SenetError } from "../base/errors.ts";
import { checkSpace } from "../files/check-space-node.ts";
import { fileError } from "../files/file-error.ts";
import { makeFolder, pathExists, removeEmptyFolders } from "../files/folders-node.ts";
import { LOCK, lockFolder } from "../files/lock-folder-node.ts";
import { writeFileAtomic } from "../files/write-file-atomic-node.ts";
import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { withFileName } from "../onnx/malformed.ts";
import { readOnnx } from "../onnx/read-onnx.ts";
import { writeOnnxChunks } from "../onnx/write-onnx.ts";
import type { Safetensors } from "../weights/formats/safetensors.ts";
import { readSafetensorsFile, writeSafetensorsFile } from "../weights/formats/safetensors-file-node.ts";
import { buildModel } from "./build.ts";
import { parseRecord, type TrainConfig, trainConfigSchema } from "./config.ts";
import type { Run } from "./configure-run-node.ts";
import type { EpochRecord } from "./epoch-record.ts";
import { appendLog, readLog, shortenLog } from "./run-log-node.ts";

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
  /** As it was when the folder was opened. */
  readonly config: TrainConfig;
  /**
   * The run with the network that it began with.
   *
   * @throws SenetError `file` when its file is missing or damaged
   */
  readRun(): Promise<Run>;
  /** Writes a changed configuration down: the place of the data. */
  saveConfig(config: TrainConfig): Promise<void>;
  /** The last checkpoint, or nothing when the run was stopped before its first. */
  readLast(): Promise<Safetensors | undefined>;
  /** Writes a checkpoint. */
  save(
    which: "best" | "last",
    tensors: ReadonlyMap<string, Tensor>,
    metadata: Record<string, string>,
  ): Promise<void>;
  /** Writes `model.onnx`. */
  saveModel(onnx: Uint8Array): Promise<void>;
  /** One record an epoch. */
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
   * there before, and so an earlier run as a whole, stays, and so does a run that another process trains.
   */
  discard(): Promise<void>;
}

/**
 * Makes a folder for a new run and writes its configuration and, where it does not follow from that, the network it begins
 * with; if that fails, nothing is left behind.
 *
 * @param run as `configureRun` gives it; from `prepareRun`, it is also checked that the disk has room
 * @throws SenetError `file` when a run or anything else is there already, or the folder cannot be made
 * @example const folder = await createRunFolder("runs/flowers", await configureRun("seresnet20", data));
 */
export async function createRunFolder(
  path: string,
  { config, model, diskBytes = 0 }: Run & { readonly diskBytes?: number },
): Promise<RunFolder> {
  await checkSpace(path, diskBytes);
  await refuseOccupied(path);
  const made = await makeFolder(path).catch((error) => {
    throw fileError("write", path, error);
  });
  const folder = runFolder(path, config, { made });
  const lock = await lockFolder(path).catch(async (error) => {
    if (made !== undefined) await removeEmptyFolders(resolve(path), resolve(made));
    throw error;
  });
  let isOurs = false;
  try {
    await refuseOccupied(path); // another process may have been faster
    isOurs = true;
    // First, so that a run with a configuration is complete.
    if (config.init !== undefined) {
      await writeFileAtomic(join(path, runFiles.initial), writeOnnxChunks(model).chunks);
    }
    await folder.saveConfig(config);
  } catch (error) {
    await lock.dispose();
    if (isOurs) await folder.discard().catch(() => {}); // the first error is the one to report
    throw fileError("write", path, error);
  }
  await lock.dispose();
  return folder;
}

async function refuseOccupied(path: string): Promise<void> {
  // Hidden files are what desktops and version control leave in empty folders.
  const present = (await readdir(path).catch(() => [])).filter((name) => !name.startsWith("."));
  if (present.length === 0) return;
  const ofRun = Object.values(runFiles).filter((name) => present.includes(name));
  const sentence = ofRun.includes(runFiles.config)
    ? "expected no run there yet, found one; resume it or choose another folder"
    : ofRun.length > 0
      ? `expected no run there yet, found ${ofRun.join(", ")} of one without its ${runFiles.config}; move them away or choose another folder`
      : `expected an empty folder or none, found other files in it, such as ${present[0]}; choose another folder`;
  throw new SenetError("file", `${path}: ${sentence}.`);
}

/**
 * The folder of an earlier run.
 *
 * @throws SenetError `file` when there is none, or its configuration is not readable
 * @example (await (await openRunFolder("runs/flowers")).readLog()).at(-1)?.test.top1
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const file = join(path, runFiles.config);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (!(await pathExists(path))) {
      throw new SenetError("file", `${path}: expected the folder of a run, found nothing; check the path.`);
    }
    if (!(await pathExists(file))) {
      throw new SenetError(
        "file",
        `${path}: expected the folder of a run with a ${runFiles.config}, found none; pass the folder of a run.`,
      );
    }
    throw fileError("read", file, error);
  }
  return runFolder(path, parseRecord(trainConfigSchema, text, file));
}

/** @param created for a new run: the outermost folder that was made for it, if any */
function runFolder(
  path: string,
  config: TrainConfig,
  created?: { readonly made: string | undefined },
): RunFolder {
  const file = (name: keyof typeof runFiles) => join(path, runFiles[name]);
  return {
    path,
    config,
    readRun: async () => ({ config, model: await readInitial(config, file("initial")) }),
    saveConfig: (changed) => writeFileAtomic(file("config"), [`${JSON.stringify(changed, null, 2)}\n`]),
    readLast: async () => ((await pathExists(file("last"))) ? readSafetensorsFile(file("last")) : undefined),
    save: (which, tensors, metadata) => writeSafetensorsFile(file(which), tensors, metadata),
    saveModel: (onnx) => writeFileAtomic(file("model"), [onnx]),
    readLog: () => readLog(file("log")),
    appendLog: (record) => appendLog(file("log"), record),
    async clean(epochs) {
      for (const name of await readdir(path)) {
        if (isTemporary(name)) await rm(join(path, name), { force: true });
      }
      await shortenLog(file("log"), epochs);
    },
    async discard() {
      if (created === undefined || (await pathExists(join(path, LOCK)))) return;
      for (const name of ["last", "best", "model"] as const) if (await pathExists(file(name))) return;
      for (const name of ["config", "log", "initial"] as const) await rm(file(name), { force: true });
      if (created.made !== undefined) await removeEmptyFolders(resolve(path), resolve(created.made));
    },
  };
}

async function readInitial(config: TrainConfig, file: string): Promise<Graph> {
  if (config.init === undefined) return buildModel(config);
  const bytes = await readFile(file).catch((error) => {
    throw fileError("read", file, error);
  });
  return withFileName(file, () => readOnnx(bytes));
}

/** A file that `writeFileAtomic` was writing when its process was killed. */
function isTemporary(name: string): boolean {
  return Object.values(runFiles).some((file) => name.startsWith(`.${file}.`) && name.endsWith(".tmp"));
}
