import { onTestFinished } from "vitest";
import { temporaryFolder } from "./data-fixtures.ts";

/** A temporary folder with these files, removed after the test. */
export function folderOf(
  files: Readonly<Record<string, Uint8Array | string>>,
): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder(files);
  onTestFinished(() => folder.remove());
  return folder;
}
