import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../test/support/bytes-source.ts";
import { smallNet } from "../../test/support/small-net.ts";
import { SenetError } from "../base/errors.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { openSource } from "./open-source.ts";

/**
 * Ten thousand damaged files of each format: whatever is changed, cut or inserted, a file is read or refused with a SenetError.
 */
const golden = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../test/golden/weights/${name}`, import.meta.url)));

const files: Record<string, Uint8Array> = {
  safetensors: golden("types.safetensors"),
  "zip .pth": golden("small.pth"),
  "legacy .pth": golden("small-legacy.pth"),
  npz: golden("small.npz"),
  onnx: writeOnnx(smallNet()),
};

/** Bytes that matter to some format: signatures, opcodes, lengths. */
const telling = fc.constantFrom(0, 1, 0x28, 0x2e, 0x50, 0x52, 0x58, 0x62, 0x63, 0x7b, 0x7f, 0x80, 0x8a, 0xff);
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.oneof(telling, fc.nat(255)),
});
const damage = fc.record({
  changes: fc.array(change, { maxLength: 6 }),
  keep: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  insert: fc.option(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), bytes: fc.uint8Array({ maxLength: 4 }) }),
  ),
});

describe.each(Object.keys(files))("a damaged %s file", (format) => {
  test("is read or refused, never a crash", { timeout: 180_000 }, async () => {
    const whole = files[format];
    const outcomes = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(damage, async ({ changes, keep, insert }) => {
        const bytes = whole.slice(0, Math.round(keep * whole.length));
        for (const { at, byte } of changes)
          if (bytes.length > 0) bytes[Math.floor(at * (bytes.length - 1))] = byte;
        const at = Math.floor((insert?.at ?? 0) * bytes.length);
        const damaged = insert
          ? Buffer.concat([bytes.subarray(0, at), insert.bytes, bytes.subarray(at)])
          : bytes;
        try {
          const file = await openSource(bytesSource(damaged, "x"));
          for (const name of file.entries.keys()) await file.read(name);
          outcomes.read++;
        } catch (error) {
          if (!(error instanceof SenetError)) throw error;
          expect(error.message.length).toBeLessThan(1000);
          outcomes.refused++;
        }
      }),
      { numRuns: 10_000 },
    );
    // Otherwise the damage would say nothing about one of the two.
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });
});
