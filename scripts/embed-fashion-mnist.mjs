// Writes assets/fashion-mnist-mini: the first 1,000 training and 200 test images of every class of Fashion-MNIST,
// in their original order. Run by hand; the result is in git.
//
//   apt-get install dataset-fashion-mnist
//   node scripts/embed-fashion-mnist.mjs [/usr/share/datasets/fashion-mnist]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const source = process.argv[2] ?? "/usr/share/datasets/fashion-mnist";
const target = fileURLToPath(new URL("../assets/fashion-mnist-mini", import.meta.url));
const CLASSES = 10;
const IMAGE_BYTES = 28 * 28;

for (const [prefix, perClass] of [
  ["train", 1000],
  ["t10k", 200],
]) {
  const imagesName = `${prefix}-images-idx3-ubyte.gz`;
  const labelsName = `${prefix}-labels-idx1-ubyte.gz`;
  const images = gunzipSync(readFileSync(join(source, imagesName))).subarray(16);
  const labels = gunzipSync(readFileSync(join(source, labelsName))).subarray(8);
  const taken = new Array(CLASSES).fill(0);
  const chosen = [...labels.keys()].filter((index) => taken[labels[index]]++ < perClass);
  if (chosen.length !== CLASSES * perClass)
    throw new Error(`${labelsName}: only ${chosen.length} images chosen`);

  write(
    imagesName,
    [0x00000803, chosen.length, 28, 28],
    [...chosen.map((index) => images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES))],
  );
  write(labelsName, [0x00000801, chosen.length], [Uint8Array.from(chosen, (index) => labels[index])]);
}

function write(name, header, parts) {
  const head = Buffer.alloc(4 * header.length);
  header.forEach((value, index) => {
    head.writeUInt32BE(value, 4 * index);
  });
  // Node writes no time stamp into the gzip header, so the same input gives the same file.
  const bytes = gzipSync(Buffer.concat([head, ...parts]), { level: 9 });
  writeFileSync(join(target, name), bytes);
  console.log(`${name}: ${bytes.length} bytes`);
}
