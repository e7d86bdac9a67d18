/**
 * Text without control characters, each replaced by a space. Class names come from files: an escape
 * sequence must not reach a terminal, nor a NUL an XML reader.
 *
 * @example cleanText("cat\u001b[31m") // "cat [31m"
 */
export function cleanText(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
