/** To three decimals: microseconds of a millisecond, so that figures derived from each other still agree when printed. */
export function round(number: number): number {
  return Number(number.toFixed(3));
}
