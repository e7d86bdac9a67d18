import { clock, percent } from "../../base/format.ts";
import type { TrialResult } from "../../experiment/experiment-folder-node.ts";
import type { RunTrialsOptions } from "../../experiment/run-trials-node.ts";
import type { PlannedVariant, Trial } from "../../experiment/trials-node.ts";
import { engineNote } from "../shared/engine-note.ts";
import type { Progress } from "../shared/progress.ts";

/** What is still to be done, and how long it was estimated to take. */
export interface PendingTrials {
  readonly pending: readonly Trial[];
  readonly secondsOf: (trials: readonly Trial[]) => number;
}

/**
 * Shows the events of an experiment to people: a table with a row for each finished training, and a live line for the current one. The
 * time left is what was estimated of the rest, corrected by how the estimate has held so far.
 */
export function ablationProgress(
  variants: readonly PlannedVariant[],
  { pending, secondsOf }: PendingTrials,
  progress: Progress,
): Required<Pick<RunTrialsOptions, "onEvent" | "onResult">> {
  const names = new Map(
    variants.toReversed().flatMap(({ name, trials }) => trials.map(({ id }) => [id, name])),
  );
  const width = Math.max(...variants.map(({ name }) => name.length), "configuration".length);
  const begun = performance.now();
  let lastEnd = begun;
  let done = 0;
  const row = (cells: readonly [string, string, string, string, string, string]) => {
    const [count, name, seed, accuracy, time, left] = cells;
    const text = `${count.padStart(7)}  ${name.padEnd(width)}  ${seed.padStart(4)}  ${accuracy.padStart(8)}  ${time.padStart(7)}  ${left.padStart(7)}`;
    progress.line(text.trimEnd());
  };
  const isPending = new Set(pending.map(({ id }) => id));
  return {
    onEvent({ config, id }, event) {
      const { seed, epochs } = config;
      const place = `${done + 1}/${pending.length} ${names.get(id)}, seed ${seed}`;
      if (event.type === "step") {
        progress.update(
          () =>
            `${place}: epoch ${event.epoch}/${epochs} (${event.batch}/${event.batches})  loss ${event.train.loss.toFixed(3)}`,
        );
      } else if (event.type === "evaluating") {
        progress.update(() => `${place}: testing ${event.done}/${event.total}`);
      } else if (event.type === "engine") {
        const note = engineNote(event);
        if (note !== undefined) progress.line(note);
      }
    },
    onResult({ config, id }, result, earlier) {
      if (earlier || !isPending.has(id)) return;
      if (done === 0) row(["", "configuration", "seed", "accuracy", "time", "left"]);
      done++;
      const now = performance.now();
      const rest = secondsOf(pending.slice(done));
      const left = (rest / secondsOf(pending.slice(0, done))) * ((now - begun) / 1000);
      row([
        `${done}/${pending.length}`,
        names.get(id) ?? id,
        String(config.seed),
        accuracyOf(result),
        clock((now - lastEnd) / 1000),
        done < pending.length ? clock(left) : "",
      ]);
      lastEnd = now;
    },
  };
}

function accuracyOf(result: TrialResult): string {
  return result.status === "finished" ? percent(result.test.top1) : "diverged";
}
