import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SenetError } from "../base/errors.ts";
import { fileError } from "../files/file-error.ts";
import { pathExists } from "../files/folders-node.ts";
import { writeFileAtomic } from "../files/write-file-atomic-node.ts";
import { engineNames } from "../train/engine/engine.ts";
import { createRunFolder, openRunFolder, type RunFolder, runFiles } from "../train/run-folder-node.ts";
import type { PreparedRun } from "../train/train-options.ts";
import type { Trial } from "./trials-node.ts";

const metrics = z.strictObject({ loss: z.number(), top1: z.number(), top5: z.number() });
const resultSchema = z.discriminatedUnion("status", [
  z.strictObject({
    status: z.literal("finished"),
    /** After the last epoch, not the best: choosing by the test set would flatter. */
    test: metrics,
    train: metrics,
    /** What computed its steps; earlier versions did not say. */
    engine: z.enum(engineNames).default("onnxruntime"),
    /** Of computation, evaluation included. */
    seconds: z.number(),
  }),
  /** The loss was not finite: the same training would end so again. */
  z.strictObject({ status: z.literal("diverged"), message: z.string() }),
]);

/** How a training ended. */
export type TrialResult = z.infer<typeof resultSchema>;

const MARK = "experiment.json";
const RESULT = "result.json";

/** A folder that holds an experiment: `experiment.json`, one folder a training in `runs/`, and what is made of them. */
export interface ExperimentFolder {
  readonly path: string;
  /** How an earlier process ended this training, if one did. */
  readResult(trial: Trial): Promise<TrialResult | undefined>;
  writeResult(trial: Trial, result: TrialResult): Promise<void>;
  /** The folder of a training, with what an earlier process has left in it. */
  openRun(trial: Trial, run: PreparedRun): Promise<RunFolder>;
}

/**
 * The folder of an experiment, new or with what an earlier process has done.
 *
 * @throws SenetError `file` when another experiment or anything else is there already
 */
export async function openExperimentFolder(path: string, name: string): Promise<ExperimentFolder> {
  await refuseOthers(path, name);
  try {
    await mkdir(join(path, "runs"), { recursive: true });
    await writeJson(join(path, MARK), { name });
  } catch (error) {
    throw fileError("write", path, error);
  }
  return experimentFolder(path);
}

/** The same without making anything, for a look at what is there. */
export async function peekExperimentFolder(path: string, name: string): Promise<ExperimentFolder> {
  await refuseOthers(path, name);
  return experimentFolder(path);
}

function experimentFolder(path: string): ExperimentFolder {
  const runPath = ({ id }: Trial) => join(path, "runs", id);
  return {
    path,
    async readResult(trial) {
      const file = join(runPath(trial), RESULT);
      const expected = "the result of a training, found something else; remove it, and it is made again";
      return (await pathExists(file)) ? readJson(file, resultSchema, expected) : undefined;
    },
    writeResult: (trial, result) => writeJson(join(runPath(trial), RESULT), result),
    async openRun(trial, run) {
      const folder = runPath(trial);
      const isBegun = await pathExists(join(folder, runFiles.config));
      return isBegun ? openRunFolder(folder) : createRunFolder(folder, run);
    },
  };
}

/** @throws SenetError `file` unless there is nothing at the path, or the experiment of that name */
async function refuseOthers(path: string, name: string): Promise<void> {
  const files: string[] = await readdir(path).catch((error) => {
    if (error.code === "ENOENT") return [];
    if (error.code !== "ENOTDIR") throw fileError("read", path, error);
    throw new SenetError(
      "file",
      `${path}: expected a folder or nothing, found a file; choose another folder.`,
    );
  });
  const present = files.filter((file) => !file.startsWith("."));
  if (present.length === 0) return;
  const expected = "the name of an experiment, found none; restore the file";
  const mark = present.includes(MARK)
    ? await readJson(join(path, MARK), z.object({ name: z.string() }), expected)
    : undefined;
  if (mark?.name === name) return;
  const found = mark ? `the experiment "${mark.name}"` : `other files, such as ${present[0]}`;
  throw new SenetError(
    "file",
    `${path}: expected an empty folder, none, or the experiment "${name}", found ${found}; choose another folder.`,
  );
}

function writeJson(file: string, content: unknown): Promise<void> {
  return writeFileAtomic(file, [`${JSON.stringify(content, null, 2)}\n`]);
}

async function readJson<T>(file: string, schema: z.ZodType<T>, expected: string): Promise<T> {
  const text = await readFile(file, "utf8").catch((error) => {
    throw fileError("read", file, error);
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new SenetError("file", `${file}: expected ${expected}.`);
  }
}
