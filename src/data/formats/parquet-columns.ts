import { type FileMetaData, parquetSchema, type SchemaTree } from "hyparquet";
import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";

/** Which columns of a parquet file hold the images and labels. */
export interface ParquetColumns {
  readonly image: string;
  /** The struct's field that holds the bytes, or `undefined` when the column itself is binary. */
  readonly imageField: "bytes" | undefined;
  readonly label: string;
  /** Class names, when the file's Hugging Face metadata has them. */
  readonly classes: readonly string[] | undefined;
}

const IMAGE_NAMES = ["image", "img"];
const LABEL_NAMES = ["label", "fine_label", "labels", "target", "class"];

/**
 * Finds the image column (a struct with a binary field `bytes`, or a binary column) and the label column (an
 * integer). Of several, those with the customary names are taken.
 */
export function findColumns(metadata: FileMetaData, where: string): ParquetColumns {
  const columns = parquetSchema(metadata).children;
  const listed = columns.map(describe).join(", ");
  const images = columns.filter((column) => isBinary(column) || bytesOf(column) !== undefined);
  const image = choose(images, IMAGE_NAMES) ?? images.at(0);
  if (image === undefined) {
    throw new SenetError(
      "data",
      `${where}: expected an image column (binary, or a struct with binary "bytes"), found only the columns ${listed}; use a data set of images.`,
    );
  }
  const integers = columns.filter(isInteger);
  const label = choose(integers, LABEL_NAMES) ?? (integers.length === 1 ? integers[0] : undefined);
  if (label === undefined) {
    throw new SenetError(
      "data",
      `${where}: expected an integer label column (${LABEL_NAMES.join(", ")}, or the only integer column), found the columns ${listed}; rename the label column.`,
    );
  }
  return {
    image: image.element.name,
    imageField: isBinary(image) ? undefined : "bytes",
    label: label.element.name,
    classes: classNames(metadata, label.element.name),
  };
}

function choose(columns: readonly SchemaTree[], names: readonly string[]): SchemaTree | undefined {
  return names.flatMap((name) => columns.find((column) => column.element.name === name) ?? []).at(0);
}

function bytesOf(column: SchemaTree): SchemaTree | undefined {
  return column.children.find((child) => child.element.name === "bytes" && isBinary(child));
}

function isBinary({ element, children }: SchemaTree): boolean {
  const bytes =
    element.type === "BYTE_ARRAY" && element.converted_type === undefined && children.length === 0;
  return bytes && element.logical_type === undefined && element.repetition_type !== "REPEATED";
}

function isInteger({ element, children }: SchemaTree): boolean {
  if (children.length > 0 || element.repetition_type === "REPEATED") return false;
  const whole = element.logical_type === undefined || element.logical_type.type === "INTEGER";
  const converted = element.converted_type === undefined || /^U?INT_/.test(element.converted_type);
  return (element.type === "INT32" || element.type === "INT64") && whole && converted;
}

function describe(column: SchemaTree): string {
  const { name, type, converted_type: converted } = column.element;
  return `${name} (${(converted ?? type ?? "struct").toLowerCase()})`;
}

/** `{"info": {"features": {"label": {"names": [...]}}}}` under the key "huggingface", if it is just that. */
function classNames(metadata: FileMetaData, label: string): string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text)?.info?.features?.[label]?.names;
    if (!Array.isArray(names) || names.length === 0 || names.length > limits.classes) return undefined;
    return names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined; // other people's metadata: without it classes are numbers
  }
}
