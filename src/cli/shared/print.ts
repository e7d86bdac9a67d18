/** The result of a command for programs: one JSON document on stdout. */
export function printJson(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

/** The result of a command for people. */
export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}
