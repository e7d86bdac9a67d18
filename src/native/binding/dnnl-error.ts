const OUT_OF_MEMORY = 1;
const INVALID_ARGUMENTS = 2;
const NOT_IMPLEMENTED = 3;

const statuses: Readonly<Record<number, string>> = {
  [OUT_OF_MEMORY]: "out of memory",
  [INVALID_ARGUMENTS]: "invalid arguments",
  [NOT_IMPLEMENTED]: "not implemented",
};

/** A call of oneDNN that failed. */
export class DnnlError extends Error {
  override readonly name = "DnnlError";
  /** Whether oneDNN has nothing for these sizes and layouts, rather than failing. */
  readonly isRefusal: boolean;

  constructor(call: string, status: number) {
    super(`${call}: ${statuses[status] ?? `status ${status}`}`);
    this.isRefusal = status === INVALID_ARGUMENTS || status === NOT_IMPLEMENTED;
  }
}

/** What oneDNN has for some sizes and layouts; undefined where it has nothing. Other failures, such as of memory, stay errors. */
export function ifThere<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof DnnlError && error.isRefusal) return undefined;
    throw error;
  }
}
