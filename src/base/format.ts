/** A share between 0 and 1 as per cent, with two decimals: `91.23 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A number for people: `50,000`. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** @example plural(2, "epoch") // "2 epochs" */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** The first of some names, and how many more there are: `conv1, bn1 and 1 more`. */
export function listOf(names: readonly string[], max = 3, separator = ", "): string {
  const more = names.length > max ? ` and ${grouped(names.length - max)} more` : "";
  return `${names.slice(0, max).join(separator)}${more}`;
}

/** A difference of two shares in percentage points, with its sign: `+1.25`; a dash where there is none. */
export function points(difference: number): string {
  if (!Number.isFinite(difference)) return "–";
  return `${difference >= 0 ? "+" : ""}${(100 * difference).toFixed(2)}`;
}

/** Millions, M = 10⁶: `41.24 M`. */
export function millions(count: number, decimals = 2): string {
  return `${(count / 1e6).toFixed(decimals)} M`;
}

export function milliseconds(ms: number): string {
  return `${ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3)} ms`;
}

/** A duration as a clock shows it: `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** How much `value` differs from `base`, in per cent with its sign; a dash where there is nothing to compare with. */
export function change(value: number, base: number): string {
  const share = (value - base) / base;
  if (!Number.isFinite(share)) return "–";
  const text = (100 * share).toFixed(1);
  return `${share >= 0 ? "+" : ""}${text === "-0.0" ? "0.0" : text} %`;
}

/** Bytes in millions: `460.3 MB`. */
export function megabytes(bytes: number): string {
  return `${millions(bytes, 1)}B`;
}

/** Operations or elements at a glance, k = 10³, M = 10⁶, G = 10⁹: `512`, `2.69 k`, `41.24 M`, `3.86 G`. */
export function amount(count: number): string {
  // The unit is that of the number as printed: 999,999 is 1.00 M.
  const size = Number(Math.abs(count).toPrecision(5));
  const [unit, prefix] = prefixes.find(([min]) => size >= min) ?? [1, ""];
  return unit === 1 ? grouped(count) : `${(count / unit).toFixed(2)} ${prefix}`;
}

const prefixes = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** Bytes at a glance, of any number: `512 B`, `15.22 kB`, `460.31 MB`. */
export function byteAmount(bytes: number): string {
  const text = amount(bytes);
  return `${text}${/[kMG]$/.test(text) ? "" : " "}B`;
}

/** Bytes in powers of 1024, as sizes of files and memory: `3.0 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const unit = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)));
  return unit === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** unit).toFixed(1)} ${units[unit]}`;
}
