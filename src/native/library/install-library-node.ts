import { rm } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf, SenetError } from "../../base/errors.ts";
import { fileError } from "../../files/file-error.ts";
import { aptPackage, unpackByApt } from "./apt-packages-node.ts";
import { hasCondaPackages, unpackFromConda } from "./conda-packages-node.ts";
import type { InstallOptions } from "./install-options.ts";
import {
  type InstalledLibrary,
  installedLibraries,
  type LibraryFacts,
  libraryCache,
  makeWorkFolder,
  placeLibrary,
} from "./installed-libraries-node.ts";

/**
 * Puts oneDNN into the user's cache, without root, and for this user alone: from the distribution's packages where there is apt,
 * otherwise from conda-forge's. What was installed before is replaced, or stays when this fails.
 *
 * @throws SenetError `file`, one sentence, for everything that network, packages and disk can do; `engine` where there is no package for
 * this platform, or its library cannot be opened
 * @example const { path, version } = await installLibrary();
 */
export async function installLibrary(options: InstallOptions = {}): Promise<InstalledLibrary> {
  const { from, ...settings } = options;
  const packageName = from === "conda-forge" ? undefined : await aptPackage();
  if (from === "apt" && packageName === undefined) {
    throw new SenetError(
      "file",
      'from: expected an apt that knows oneDNN from version 2.6 on, found none; run `apt-get update` as root, or take conda-forge\'s (`from` "conda-forge").',
    );
  }
  if (packageName === undefined && !hasCondaPackages()) throw noPackage();
  const cache = libraryCache();
  try {
    const work = await makeWorkFolder(cache);
    try {
      const facts =
        packageName === undefined
          ? await unpackFromConda(work, settings)
          : await unpackByApt(packageName, work, settings);
      await checkFiles(join(work, "files"), facts, options);
      await placeLibrary(cache, join(work, "files"), facts);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  } catch (error) {
    throw fileError("write", cache, error);
  }
  const [installed] = await installedLibraries(cache);
  return installed;
}

async function checkFiles(
  folder: string,
  { origin, library, companions }: LibraryFacts,
  { check }: InstallOptions,
): Promise<void> {
  const [path, ...others] = [library, ...companions].map((name) => join(folder, name));
  try {
    await check?.({ path, companions: others, source: "cache" });
  } catch (cause) {
    const [problem] = reasonOf(cause).replace(`${path}: `, "").split("; ");
    throw new SenetError(
      "engine",
      `${origin}: ${problem}; nothing was installed, take it from elsewhere (\`from\`) or install oneDNN by other means.`,
      { cause },
    );
  }
}

function noPackage(): SenetError {
  return new SenetError(
    "engine",
    `oneDNN: expected a platform that conda-forge has it for (Linux with glibc, macOS or Windows, on x64 or arm64), found ${process.platform} on ${process.arch}; install it by other means, and name its library in SENET_ONEDNN.`,
  );
}
