/**
 * `Promise.all(items.map(work))` with at most `concurrency` in progress. After the first failure no further
 * item is begun, and that failure is thrown once those in progress have ended.
 *
 * @example await promisePool([1, 2, 3], 2, async (n) => n * n) // [1, 4, 9]
 */
export async function promisePool<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index], index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
