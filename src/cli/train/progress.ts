import { clock, grouped, percent } from "../../base/format.ts";
import type { TrainConfig } from "../../train/config.ts";
import type { TrainOptions } from "../../train/train-options.ts";
import { engineNote } from "../shared/engine-note.ts";
import type { Progress } from "../shared/progress.ts";

/** Shows the events of a training to people. */
export function trainingProgress(
  config: TrainConfig,
  progress: Progress,
): NonNullable<TrainOptions["onEvent"]> {
  const width = String(config.epochs).length;
  let firstStep: number | undefined;
  let startedAt = 0;
  let epoch = 0;
  return (event) => {
    if (event.type === "step") {
      epoch = event.epoch;
      if (firstStep === undefined) {
        firstStep = event.step;
        startedAt = performance.now();
      }
      const done = event.step - firstStep;
      // By the clock, so that evaluations and loading count too once they have happened.
      const secondsLeft = ((performance.now() - startedAt) / 1000 / done) * (event.steps - event.step);
      progress.update(() =>
        [
          // Fits 80 columns: a terminal's line is cut, not wrapped.
          `epoch ${event.epoch}/${config.epochs} (${event.batch}/${event.batches})`,
          `loss ${event.train.loss.toFixed(3)}`,
          `accuracy ${(100 * event.train.top1).toFixed(1)} %`,
          `${grouped(Math.round(event.imagesPerSecond))} images/s`,
          ...(done > 0 ? [`${clock(secondsLeft)} left`] : []),
        ].join("  "),
      );
    } else if (event.type === "evaluating") {
      progress.update(
        () => `epoch ${epoch}/${config.epochs}  testing ${grouped(event.done)}/${grouped(event.total)}`,
      );
    } else if (event.type === "engine") {
      const note = engineNote(event);
      if (note !== undefined) progress.line(note);
    } else {
      const { record, best } = event;
      progress.line(
        [
          `epoch ${String(record.epoch).padStart(width)}/${config.epochs}`,
          `train loss ${record.train.loss.toFixed(3)}, accuracy ${percent(record.train.top1)}`,
          `test loss ${record.test.loss.toFixed(3)}, accuracy ${percent(record.test.top1)}${best ? " (best)" : ""}`,
          `${grouped(Math.round(record.imagesPerSecond))} images/s`,
        ].join("  "),
      );
    }
  };
}
