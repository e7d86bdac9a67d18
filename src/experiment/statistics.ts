/** What several measurements of one quantity say; the last two are NaN where there is only one. */
export interface Sample {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation, with n - 1. */
  readonly deviation: number;
  /** Of the mean: deviation / √n. */
  readonly standardError: number;
}

/** Mean and spread of some numbers. */
export function sampleOf(numbers: readonly number[]): Sample {
  const { length: count } = numbers;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / count;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN;
  return { count, mean, deviation, standardError: deviation / Math.sqrt(count) };
}

/** How two means differ. */
export interface MeanDifference {
  readonly difference: number;
  /** NaN where one of them is of a single measurement. */
  readonly standardError: number;
  /** Less than two standard errors; undefined where these are not known. */
  readonly insideNoise: boolean | undefined;
}

/** Differences of fewer standard errors are taken for noise. */
const MIN_ERRORS = 2;

/** How `one` differs from `base`, the measurements being independent (Welch's standard error). */
export function differenceOf(one: Sample, base: Sample): MeanDifference {
  const difference = one.mean - base.mean;
  const standardError = Math.hypot(one.standardError, base.standardError);
  const insideNoise = Number.isFinite(standardError)
    ? Math.abs(difference) < MIN_ERRORS * standardError || difference === 0
    : undefined;
  return { difference, standardError, insideNoise };
}
