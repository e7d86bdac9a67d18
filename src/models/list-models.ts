import { SenetError } from "../base/errors.ts";
import { registry } from "./registry.ts";

/**
 * Names of the listed networks, in alphabetical order with numbers by size. (`createModel` also builds CIFAR ResNets of other depths.)
 *
 * @param filter a pattern, or several of which one must match: `*` stands for any characters, `?` for one, `[ab]` for a or b, `[!ab]`
 * for any other, as in timm's `list_models`. Default: all
 * @throws SenetError `usage` for a pattern that is none
 * @example listModels("seresnet1*") // ["seresnet14", "seresnet18", "seresnet101", "seresnet110", "seresnet152"]
 */
export function listModels(filter: string | readonly string[] = "*"): string[] {
  const patterns = [filter].flat().map(toExpression);
  const names = Object.keys(registry).filter((name) => patterns.some((pattern) => pattern.test(name)));
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}

function toExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|\\]/g, "\\$&");
  const expression = escaped.replaceAll("*", ".*").replaceAll("?", ".").replaceAll("[!", "[^");
  try {
    return new RegExp(`^${expression}$`);
  } catch (cause) {
    throw new SenetError(
      "usage",
      `listModels: expected a pattern of names such as "se*" or "resnet[15]0*", found "${pattern}"; correct it.`,
      { cause },
    );
  }
}
