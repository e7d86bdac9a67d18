/**
 * `npm run compare-preprocessing -- PYTHON IMAGE…`: prepares images for networks here and with timm's own transforms; prints how far the
 * inputs are apart in pixel values (0 to 1), and exits with 1 where the mean is more than 1/255. PYTHON has torch, timm and pillow.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { normalizer } from "../src/data/dataset/normalize.ts";
import { decodeImage } from "../src/data/images/decode-image-node.ts";
import { registry } from "../src/models/registry.ts";
import { startPeer } from "./python-peer.ts";

const TOLERANCE = 1 / 255;
/** One of each way to prepare images. */
const NETWORKS = [
  "seresnet50",
  "legacy_seresnet50",
  "legacy_senet154",
  "mobilenetv3_small_100",
  "efficientnet_b0",
  "inception_v3",
];

const [python, ...images] = process.argv.slice(2);
if (!python || images.length === 0) {
  console.error(
    "compare-preprocessing: expected the Python interpreter that has timm, and images; give their paths.",
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "senet-compare-"));
const peer = startPeer(python, "timm_transform.py");
try {
  for (const name of NETWORKS) {
    const differences: number[] = [];
    for (const image of images) differences.push(await compare(name, resolve(image)));
    const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
    const worst = Math.max(...differences);
    if (!(worst <= TOLERANCE)) process.exitCode = 1;
    console.log(`${name.padEnd(24)} mean ${mean.toExponential(1)}, worst image ${worst.toExponential(1)}`);
  }
} finally {
  peer.stop();
  rmSync(folder, { recursive: true });
}

/** Mean absolute difference of pixel values, on a scale from 0 to 1. */
async function compare(name: string, image: string): Promise<number> {
  const out = join(folder, "pixels");
  const [height, width] = (await peer.ask(`${name} ${image} ${out}`)).split(" ").map(Number);
  const { preprocessing } = registry[name];
  const { pixels } = await decodeImage(readFileSync(image), { fit: { height, width, ...preprocessing } });
  const ours = new Float32Array(pixels.length);
  normalizer([3, height, width], preprocessing)(pixels, ours, 0);
  const bytes = readFileSync(out);
  const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const { std, pixelRange } = preprocessing;
  const plane = height * width;
  const sum = ours.reduce((total, value, i) => {
    const scale = std[Math.floor(i / plane)] / pixelRange;
    return total + Math.abs(value - theirs[i]) * scale;
  }, 0);
  return sum / ours.length;
}
