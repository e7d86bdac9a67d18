import { SenetError } from "./errors.ts";

/**
 * A test for names of parameters: whether a name, or its first parts between dots, matches the pattern.
 *
 * @param pattern a regular expression: `conv1|layer1` fits `layer1.0.conv2.weight`, but not `layer10.weight`
 */
export function namePattern(pattern: string): (name: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${pattern})(?:\\.|$)`);
    return (name) => expression.test(name);
  } catch (cause) {
    throw new SenetError(
      "usage",
      `Pattern "${pattern}": expected a regular expression of names, such as conv1|layer1, found something else; correct it.`,
      { cause },
    );
  }
}
