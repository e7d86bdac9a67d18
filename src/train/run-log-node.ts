import { appendFile, readFile, stat, truncate } from "node:fs/promises";
import { fileError } from "../files/file-error.ts";
import { pathExists } from "../files/folders-node.ts";
import { writeFileAtomic } from "../files/write-file-atomic-node.ts";
import { type EpochRecord, parseEpochRecord } from "./epoch-record.ts";

/** A file of one line of JSON an epoch. */
export interface RunLog {
  /** Nothing where there is no file yet. */
  read(): Promise<EpochRecord[]>;
  /** Adds a line; if that fails, the log is left as it was. */
  append(record: EpochRecord): Promise<void>;
  /** Drops the records of later epochs, and a line torn in the middle. */
  keep(epochs: number): Promise<void>;
}

/** @example await runLog("run/log.jsonl").read() */
export function runLog(path: string): RunLog {
  const read = async (): Promise<EpochRecord[]> => {
    if (!(await pathExists(path))) return [];
    const lines = (await readFile(path, "utf8")).split("\n");
    // Anything after the last line break was being written when the process was killed.
    return lines.slice(0, -1).map((line, i) => parseEpochRecord(line, `${path}: line ${i + 1}`));
  };
  return {
    read,
    async append(record) {
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      try {
        await appendFile(path, lineOf(record));
      } catch (error) {
        await truncate(path, size).catch(() => {}); // the next start drops a torn line as well
        throw fileError("write", path, error);
      }
    },
    async keep(epochs) {
      const kept = (await read()).filter((record) => record.epoch <= epochs);
      await writeFileAtomic(path, [kept.map(lineOf).join("")]);
    },
  };
}

function lineOf(record: EpochRecord): string {
  return `${JSON.stringify(record)}\n`;
}
