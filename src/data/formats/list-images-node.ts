import { join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { kindOfPath, listFolder } from "../../files/read-file-node.ts";

/** An image file, and the folder of the first level in which it lies, if any: its class, where folders are classes. */
export interface ImageFile {
  readonly path: string;
  readonly folder: string | undefined;
}

/** Extensions of the formats that `decodeImage` reads. */
const IMAGE_NAME = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;
/** Maximum depth of folders. */
const DEEPEST = 8;

/** All image files in a folder and below it, in the order of their names. */
export async function listImages(root: string): Promise<ImageFile[]> {
  const found: ImageFile[] = [];
  const visit = async (at: string, folder: string | undefined, depth: number): Promise<void> => {
    for (const name of await listFolder(at)) {
      const path = join(at, name);
      const kind = await kindOfPath(path);
      if (kind === "folder" && depth < DEEPEST) await visit(path, folder ?? name, depth + 1);
      else if (kind === "file" && IMAGE_NAME.test(name)) found.push({ path, folder });
    }
  };
  await visit(root, undefined, 0);
  if (found.length > 0) return found;
  throw new SenetError(
    "data",
    `${root}: expected images (JPEG, PNG, WebP, GIF, TIFF or AVIF) in it or below, found none; check the path.`,
  );
}
