import type { TrainConfig } from "./config.ts";
import type { TrainEngine } from "./engine/engine.ts";

/** Where a run stands: what computed its last step, what those before, and how many there are. */
export interface EnginesSoFar extends Pick<TrainConfig, "engine" | "formerEngines"> {
  readonly step: number;
}

/**
 * A run's configuration with the engine that goes on with it. If another computed the steps so far, that is noted: the run's numbers are
 * then neither those of the one nor of the other.
 */
export function withEngine(config: TrainConfig, engine: TrainEngine, soFar?: EnginesSoFar): TrainConfig {
  const { formerEngines: _asWritten, ...rest } = config;
  const former = soFar?.formerEngines ?? [];
  const earlier = replacedBy(engine, soFar);
  const formerEngines =
    earlier && soFar ? [...former, [earlier, soFar.step] as [TrainEngine, number]] : former;
  return { ...rest, engine, ...(formerEngines.length > 0 && { formerEngines }) };
}

/** The engine that another takes the place of, if it does. */
export function replacedBy(engine: TrainEngine, soFar: EnginesSoFar | undefined): TrainEngine | undefined {
  if (soFar === undefined || soFar.engine === "auto" || soFar.engine === engine) return undefined;
  return soFar.engine;
}
