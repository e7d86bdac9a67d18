/** The nearest whole number, of two the even one, as IEEE 754 and Python's `round` have it: 2.5 becomes 2. */
export function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
