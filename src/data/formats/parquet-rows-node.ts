import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Compressors, FileMetaData } from "hyparquet";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { reasonOf, SenetError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { limits } from "../../files/limits.ts";
import { checkLabel } from "../dataset/classes.ts";
import type { OpenOptions } from "../dataset/dataset.ts";
import { findColumns, type ParquetColumns } from "./parquet-columns.ts";

/** The images of one parquet file as they lie in it, still encoded, and their labels. */
export interface ParquetRows {
  readonly columns: ParquetColumns;
  readonly images: Uint8Array[];
  readonly labels: number[];
}

/** hyparquet itself reads uncompressed and Snappy pages. */
const COMPRESSORS: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: outputLength }),
  BROTLI: (input, outputLength) => brotliDecompressSync(input, { maxOutputLength: outputLength }),
};

/** Reads all rows of one parquet file: encoded images and labels. */
export async function readParquetRows(path: string, options: OpenOptions = {}): Promise<ParquetRows> {
  try {
    return await readRows(path, options);
  } catch (error) {
    if (error instanceof SenetError) throw error;
    // Of a damaged footer hyparquet may return anything, so any part of reading may trip over it.
    throw new SenetError(
      "data",
      `${path}: expected a parquet file, found: ${reasonOf(error)}; the file is damaged or of another kind.`,
      { cause: error },
    );
  }
}

async function readRows(path: string, options: OpenOptions): Promise<ParquetRows> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = findColumns(metadata, path);
  checkSize(path, metadata);
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  const classCount = columns.classes?.length ?? limits.classes;
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const rows = await parquetReadObjects({
      file,
      metadata,
      columns: [columns.image, columns.label],
      rowStart: start,
      rowEnd: end,
      utf8: false,
      compressors: COMPRESSORS,
    }).catch((cause) => {
      throw new SenetError(
        "data",
        `${path}: expected readable rows ${start} to ${end - 1}, found: ${reasonOf(cause)}; the file is damaged or written in a way that is not read here.`,
        { cause },
      );
    });
    for (const row of rows) {
      const where = `${path}: row ${images.length}`;
      images.push(imageOf(row[columns.image], columns, where));
      labels.push(labelOf(row[columns.label], classCount, where));
    }
    start = end;
    options.onProgress?.({ what: "reading rows", done: start, total: Number(metadata.num_rows) });
  }
  return { columns, images, labels };
}

function checkSize(path: string, metadata: FileMetaData): void {
  const groups = metadata.row_groups.map(({ num_rows, columns }) => ({
    rows: Number(num_rows),
    bytes: columns.map(({ meta_data }) => Number(meta_data?.total_uncompressed_size ?? 0)),
  }));
  const counts = groups.flatMap(({ rows, bytes }) => [rows, ...bytes]);
  const negative = counts.find((count) => count < 0);
  if (negative !== undefined) {
    // It would hide as many of another group from the limits.
    throw new SenetError(
      "data",
      `${path}: expected counts of rows and bytes from 0 in its footer, found ${negative}; the file is damaged, get it again.`,
    );
  }
  checkEncodedBytes(path, sum(groups.flatMap(({ bytes }) => bytes)));
  const rows = sum(groups.map((group) => group.rows));
  if (rows <= limits.rows) return;
  throw new SenetError(
    "data",
    `${path}: expected at most ${limits.rows} rows, found ${rows}; use fewer rows.`,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Checks encoded images against the limit. */
export function checkEncodedBytes(path: string, bytes: number): void {
  if (bytes <= limits.encodedBytes) return;
  throw new SenetError(
    "data",
    `${path}: expected at most ${formatBytes(limits.encodedBytes)} of encoded images, found ${formatBytes(bytes)}; use fewer rows.`,
  );
}

function imageOf(value: unknown, columns: ParquetColumns, where: string): Uint8Array {
  let bytes = value;
  if (columns.imageField !== undefined && typeof value === "object" && value !== null) {
    bytes = (value as Record<string, unknown>)[columns.imageField];
  }
  if (bytes instanceof Uint8Array && bytes.length > 0 && bytes.length <= limits.imageBytes) return bytes;
  const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : "none";
  throw new SenetError(
    "data",
    `${where}: expected an encoded image of at most ${formatBytes(limits.imageBytes)} in column "${columns.image}", found ${found}; the images must be inside the file.`,
  );
}

function labelOf(value: unknown, classCount: number, where: string): number {
  const label = typeof value === "bigint" || typeof value === "number" ? Number(value) : Number.NaN;
  checkLabel(label, classCount, where);
  return label;
}
