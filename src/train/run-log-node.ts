import { appendFile, readFile, stat, truncate } from "node:fs/promises";
import { fileError } from "../files/file-error.ts";
import { pathExists } from "../files/folders-node.ts";
import { writeFileAtomic } from "../files/write-file-atomic-node.ts";
import { parseRecord } from "./config.ts";
import { type EpochRecord, epochRecordSchema } from "./epoch-record.ts";

/** The records of a log, a file of one line of JSON an epoch; none where there is no file yet. */
export async function readLog(path: string): Promise<EpochRecord[]> {
  if (!(await pathExists(path))) return [];
  const lines = (await readFile(path, "utf8")).split("\n");
  // Anything after the last line break was being written when the process was killed.
  return lines.slice(0, -1).map((line, i) => parseRecord(epochRecordSchema, line, `${path}: line ${i + 1}`));
}

/** Adds a line; if that fails, the log is left as it was. */
export async function appendLog(path: string, record: EpochRecord): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  try {
    await appendFile(path, lineOf(record));
  } catch (error) {
    await truncate(path, size).catch(() => {}); // the next start drops a torn line as well
    throw fileError("write", path, error);
  }
}

/** Drops the records of later epochs, and a line torn in the middle. */
export async function shortenLog(path: string, epochs: number): Promise<void> {
  const kept = (await readLog(path)).filter(({ epoch }) => epoch <= epochs);
  await writeFileAtomic(path, [kept.map(lineOf).join("")]);
}

function lineOf(record: EpochRecord): string {
  return `${JSON.stringify(record)}\n`;
}
