/**
 * Text without control characters, each replaced by a space. Class names come from files: an escape
 * sequence must not reach a terminal, nor a NUL an XML reader.
 */
export function cleanText(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
