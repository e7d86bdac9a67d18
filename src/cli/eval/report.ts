import { grouped, percent } from "../../base/format.ts";
import type { DatasetInfo } from "../../data/dataset/dataset.ts";
import { formatTable } from "../../report/text-table.ts";
import { type ClassResult, type Confusion, classResults } from "../../train/confusion.ts";
import type { Metrics } from "../../train/metrics.ts";

/** What `senet eval` has found out. */
export interface Evaluation {
  readonly model: string;
  readonly data: string;
  readonly info: DatasetInfo;
  readonly metrics: Metrics;
  readonly classCount: number;
  readonly classes: readonly string[];
  /** Not counted for very many classes. */
  readonly confusion: Confusion | undefined;
}

/** Classes up to which the whole matrix is shown; of more, the worst. */
const WHOLE_MATRIX = 20;
const WORST = 10;

/** For people: a line, and a table of the classes. */
export function describeEvaluation(evaluation: Evaluation): string {
  const { model, data, info, metrics, classCount, confusion } = evaluation;
  const { top1, top5, loss } = metrics;
  // Of five classes or fewer the five best are all.
  const ofFive = classCount > 5 ? `top-5 ${percent(top5)}, ` : "";
  const line = `${model}: top-1 ${percent(top1)}, ${ofFive}loss ${loss.toFixed(4)} on ${grouped(info.length)} images of ${data}`;
  if (!confusion) return line;
  const results = namedResults(evaluation.classes, confusion);
  const table = classCount <= WHOLE_MATRIX ? matrix(results) : worst(results);
  return `${line}\n\n${table}`;
}

/** For programs. */
export function evaluationJson({ model, data, info, metrics, classes, confusion }: Evaluation) {
  const { top1, top5, loss } = metrics;
  const results = confusion ? namedResults(classes, confusion) : [];
  return {
    model,
    data,
    samples: info.length,
    skipped: info.skipped.length,
    top1,
    top5,
    loss,
    classes: results.map(({ name, images, top1 }) => ({
      class: name,
      images,
      top1: images === 0 ? null : top1,
    })),
    confusion: results.map(({ predicted }) => predicted),
  };
}

interface NamedResult extends ClassResult {
  readonly index: number;
  readonly name: string;
}

function namedResults(classes: readonly string[], confusion: Confusion): NamedResult[] {
  return classResults(confusion).map((result, index) => ({
    ...result,
    index,
    name: classes[index] ?? String(index),
  }));
}

/** The confusion matrix: a row a class, a column for each class predicted. */
function matrix(results: readonly NamedResult[]): string {
  return formatTable(
    ["#", "class", "images", "top-1", ...results.map(({ index }) => `→${index}`)],
    results.map(({ index, name, images, top1, predicted }) => [
      index,
      name,
      images,
      share(images, top1),
      ...predicted.map((count) => (count === 0 ? "–" : count)),
    ]),
  );
}

/** The classes recognized least often, and what they are mistaken for. */
function worst(results: readonly NamedResult[]): string {
  const seen = results.filter(({ images }) => images > 0).sort((a, b) => a.top1 - b.top1);
  return formatTable(
    [
      seen.length > WORST ? `class (${WORST} worst of ${seen.length})` : "class (worst first)",
      "images",
      "top-1",
      "most often confused with",
      "share",
    ],
    seen.slice(0, WORST).map(({ index, name, images, top1, predicted }) => {
      const others = predicted.with(index, 0);
      const count = Math.max(...others);
      const other = count === 0 ? "–" : results[others.indexOf(count)].name;
      return [name, images, share(images, top1), other, share(images, count / images)];
    }),
  );
}

function share(images: number, value: number): string {
  return images === 0 ? "–" : percent(value);
}
