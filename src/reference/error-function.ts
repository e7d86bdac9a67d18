/** From here on erf is 1 in float64. */
const SATURATED = 6;

/**
 * The error function, 2/√π·∫₀ˣ exp(−t²) dt, to float64's precision: by the series 2/√π·exp(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!, whose terms all
 * have one sign (Abramowitz and Stegun, 7.1.6).
 */
export function errorFunction(x: number): number {
  if (Math.abs(x) >= SATURATED) return Math.sign(x);
  let term = x;
  let sum = 0;
  for (let n = 0; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 3);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
