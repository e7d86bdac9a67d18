/** `senet predict`, `senet eval` and fine-tuning from the command line, on a network that has learned two colors. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, senet } from "./support/cli.ts";
import { imageBytes, temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const TRAIN = ["--data", "images", "--batch", "8", "--epochs", "6", "--lr", "0.05", "--threads", "1"];

beforeAll(async () => {
  buildCli();
  const images: Record<string, Uint8Array> = {
    "images/pink.jpg": await imageBytes(30, 20, "#e01020", "jpeg"),
  };
  for (const split of ["train", "val"]) {
    for (let i = 0; i < 8; i++) {
      images[`images/${split}/red/${i}.png`] = await imageBytes(16, 16, `rgb(${200 + 5 * i}, 10, 20)`);
      images[`images/${split}/blue/${i}.png`] = await imageBytes(16, 16, `rgb(10, 20, ${200 + 5 * i})`);
    }
  }
  folder.write({ ...images, "bad.jpg": "text", "names.txt": "b\nr\n", "three.txt": "a\nb\nc\n" });
  const { status, stderr } = await senet(cwd, [
    "train",
    "seresnet8",
    "--size",
    "16",
    ...TRAIN,
    "--out",
    "run",
  ]);
  expect(status, stderr).toBe(0);
}, 120_000);
afterAll(() => folder.remove());

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1);

describe("predict", () => {
  it("prints the most probable classes of each image, by a run or a file", async () => {
    const args = ["images/pink.jpg", "images/val/blue/0.png"];
    const [ofRun, ofFile] = await Promise.all([
      senet(cwd, ["predict", "run", ...args]),
      senet(cwd, ["predict", "run/model.onnx", ...args, "--top-k", "1", "--json"]),
    ]);
    expect(ofRun.stdout).toMatch(
      /^images\/pink\.jpg\n +\d+\.\d\d % {2}red\n +\d+\.\d\d % {2}blue\nimages\/val\/blue\/0\.png\n +\d+\.\d\d % {2}blue\n/,
    );
    const { model, images } = JSON.parse(ofFile.stdout);
    expect(model).toBe("run/model.onnx");
    expect(images.map(({ image }: { image: string }) => image)).toEqual(args);
    expect(
      images.map(({ predictions }: { predictions: { label: string }[] }) => predictions[0].label),
    ).toEqual(["red", "blue"]);
    expect(images[0].predictions).toHaveLength(1);
  });

  it("goes on after an image that cannot be read, and exits with 1", async () => {
    const { status, stdout, stderr } = await senet(cwd, [
      "predict",
      "run",
      "bad.jpg",
      "none.png",
      "images",
      "images/pink.jpg",
    ]);
    expect(stderr).toBe(
      [
        "senet: bad.jpg: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found data of another kind; replace or remove it.",
        "senet: none.png: expected a file, found nothing; check the path.",
        "senet: images: expected a file, found a folder; give the path of a file.",
        "",
      ].join("\n"),
    );
    expect(stdout).toMatch(/^images\/pink\.jpg\n.*red\n/);
    expect(status).toBe(1);
  });

  it("takes other names and another preparation", async () => {
    const { stdout } = await senet(cwd, [
      "predict",
      "run",
      "images/pink.jpg",
      "--labels",
      "names.txt",
      "--like",
      "seresnet20",
    ]);
    expect(stdout).toMatch(/ % {2}r\n/);
  });

  const wrong: [string[], number, string][] = [
    [["run"], 2, "missing required argument 'image'; see --help."],
    [["nothing.onnx", "x.png"], 1, "nothing.onnx: expected a file, found nothing; check the path."],
    [
      ["seresnet8", "x.png"],
      2,
      "seresnet8: expected weights with a model's name, as random ones predict nothing; give --weights, or an .onnx file.",
    ],
    [
      ["run", "images/pink.jpg", "--labels", "three.txt"],
      2,
      "run: expected 2 --labels, one per class, found 3; correct the list.",
    ],
    [
      ["run", "images/pink.jpg", "--size", "32"],
      2,
      "run: expected images of 16×16, which the file fixes, found the size 32×32; leave --size out.",
    ],
    [
      ["run", "images/pink.jpg", "--weights", "run/best.safetensors"],
      2,
      "--weights works for a model's name or file, found the run run, which has its weights; leave it out or give run/model.onnx.",
    ],
    [
      ["seresnet8", "images/pink.jpg", "--weights", "run/best.safetensors", "--reset-head"],
      2,
      "--reset-head: expected a trained classifier, found a fresh one, which only guesses; leave it out, or train the network first.",
    ],
    [
      ["run/model.onnx", "images/pink.jpg", "--classes", "2"],
      2,
      "--classes works for a model given by name, found the file run/model.onnx, which has its classes; leave it out.",
    ],
    [
      ["run", "images/pink.jpg", "--top-k", "0"],
      2,
      '--top-k: expected a whole number of at least 1, found "0"; correct it.',
    ],
  ];
  it.each(wrong)("%j is refused", async (args, code, sentence) => {
    const { status, stdout, stderr } = await senet(cwd, ["predict", ...args]);
    expect(lastLine(stderr)).toBe(`senet: ${sentence}`);
    expect([status, stdout]).toEqual([code, ""]);
  });
});

describe("eval", () => {
  it("tells of each class what it is taken for", async () => {
    const [text, json] = await Promise.all([
      senet(cwd, ["eval", "run"]),
      senet(cwd, ["eval", "run/model.onnx", "--data", "images", "--json"]),
    ]);
    expect(text.stdout).toMatch(
      /^run\/model\.onnx: top-1 100\.00 %, loss \d\.\d{4} on 16 images of \S+\n\n# +class +images +top-1 +→0 +→1\n─+\n0 +blue +8 +100\.00 % +8 +–\n1 +red +8 +100\.00 % +– +8\n$/,
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      samples: 16,
      top1: 1,
      classes: [
        { class: "blue", images: 8, top1: 1 },
        { class: "red", images: 8, top1: 1 },
      ],
      confusion: [
        [8, 0],
        [0, 8],
      ],
    });
  });
});

it("a name with weights has as many classes as is said", async () => {
  const weights = ["--weights", "run/best.safetensors", "--classes", "2"];
  const [said, tested, bare, order, fresh] = await Promise.all([
    senet(cwd, ["predict", "seresnet8", "images/pink.jpg", ...weights, "--labels", "names.txt"]),
    senet(cwd, ["eval", "seresnet8", "--data", "images", ...weights]),
    senet(cwd, ["eval", "seresnet8", "--data", "images"]),
    senet(cwd, ["eval", "run", "--label-order", "names.txt"]),
    senet(cwd, ["eval", "seresnet8", "--data", "images", ...weights, "--reset-head"]),
  ]);
  expect(said.stdout, said.stderr).toMatch(/^images\/pink\.jpg\n.*\n.*\n$/);
  expect(tested.stdout, tested.stderr).toMatch(/^seresnet8: top-1 /);
  expect([bare.status, lastLine(bare.stderr)]).toEqual([
    2,
    "senet: seresnet8: expected the folder of a run or an .onnx file, found the name of a network, which has no trained weights; give some with --weights, or train it with `senet train seresnet8 --data …`.",
  ]);
  expect([order.status, lastLine(order.stderr)]).toEqual([
    2,
    "senet: --label-order: expected --weights with a file, found none; give one or leave it out.",
  ]);
  expect([fresh.status, fresh.stdout]).toEqual([2, ""]);
  expect(lastLine(fresh.stderr)).toMatch(/^senet: --reset-head: expected a trained classifier/);
});

it("eval takes other weights than the file's", async () => {
  const args = ["eval", "run/model.onnx", "--weights", "run/best.safetensors"];
  const [good, bare] = await Promise.all([senet(cwd, [...args, "--data", "images"]), senet(cwd, args)]);
  expect(good.stderr).toContain("run/best.safetensors: ");
  expect(good.stdout).toMatch(/^run\/model\.onnx: top-1 100\.00 %/);
  expect([bare.status, lastLine(bare.stderr)]).toEqual([
    2,
    "senet eval: expected --data and no --best beside --weights, as only a run knows its data; correct it.",
  ]);
});

describe("fine-tuning", () => {
  it("begins with given weights, leaves what is frozen, and is resumed with both", async () => {
    const args = [
      "run/model.onnx",
      ...TRAIN,
      "--reset-head",
      "--freeze",
      "conv1|bn1|layer1",
      "--out",
      "tuned",
    ];
    const { status, stderr } = await senet(cwd, ["train", ...args]);
    expect(status, stderr).toBe(0);
    const config = JSON.parse(readFileSync(join(cwd, "tuned/config.json"), "utf8"));
    expect(config).toMatchObject({
      model: "model",
      init: join(cwd, "run/model.onnx"),
      freeze: "conv1|bn1|layer1",
    });
    // The images are prepared as when the weights were learned.
    const { mean } = JSON.parse(readFileSync(join(cwd, "run/config.json"), "utf8"));
    expect(config.mean).toEqual(mean);
    const again = await senet(cwd, ["train", "--resume", "tuned"]);
    expect(again.status, again.stderr).toBe(0);
    expect((await senet(cwd, ["eval", "tuned", "--best", "--json"])).status).toBe(0);
  });

  const wrong: [string[], number, string][] = [
    [
      ["run/model.onnx", "--freeze", "stem"],
      2,
      '--freeze: expected a pattern that fits parameters, such as conv1, bn1, layer1 or fc, found "stem", which fits none; correct it.',
    ],
    [
      ["run/model.onnx", "--freeze", "conv1|layer"],
      2,
      '--freeze: expected a pattern that fits parameters, such as conv1, bn1, layer1 or fc, found "layer", which fits none; correct it.',
    ],
    [
      ["seresnet8", "--weights", "hf:nobody/nothing", "--offline"],
      1,
      expect.stringMatching(
        /^hf:nobody\/nothing: expected the repository in the cache .+, as nothing is downloaded offline/,
      ),
    ],
    [
      ["run/model.onnx", "--freeze", ".*"],
      2,
      "Training seresnet8: expected parameters that learn, found all frozen; freeze less.",
    ],
    [
      ["run/model.onnx", "--lr-scale", "fc"],
      2,
      '--lr-scale: expected a pattern and a factor, such as layer4=0.1, found "fc"; correct it.',
    ],
    [
      ["run/model.onnx", "--weights", "run/best.safetensors"],
      2,
      "--weights works for a model given by name, found the file run/model.onnx, which has its weights; leave it out.",
    ],
    [
      ["run/model.onnx", "--reduction", "8"],
      2,
      "Options of SE blocks, such as --reduction, work for a model given by name, found the file run/model.onnx; leave them out.",
    ],
    [
      ["seresnet8", "--reset-head"],
      2,
      "--reset-head: expected --weights, or an .onnx file, found neither; leave it out.",
    ],
    [
      ["run/model.onnx", "--size", "20"],
      1,
      "images: expected images of 3×16×16 for run/model.onnx, found 3×20×20; choose another --size or other data.",
    ],
  ];
  it.each(wrong)("%j is refused, and nothing is written", async (args, code, sentence) => {
    const { status, stderr } = await senet(cwd, [
      "train",
      ...args,
      "--data",
      "images",
      "--batch",
      "8",
      "--out",
      "refused",
    ]);
    expect(
      lastLine(stderr)
        ?.replace(`${cwd}/`, "")
        .replace(/^senet: /, ""),
    ).toEqual(sentence);
    expect(status).toBe(code);
    expect(() => readFileSync(join(cwd, "refused/config.json"))).toThrow(/ENOENT/);
  });
});
