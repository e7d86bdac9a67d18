/** What allocations that fail say: arrays and the heap of V8, threads of Node, ONNX Runtime, C++. */
const MESSAGES =
  /allocation failed|out of memory|memory limit|Invalid (typed )?array( buffer)? length|Failed to allocate|bad_alloc/i;

/**
 * Whether an error says that memory has run out.
 *
 * @example isOutOfMemory(new RangeError("Array buffer allocation failed")) // true
 */
export function isOutOfMemory({ message }: Error): boolean {
  return MESSAGES.test(message);
}
