import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { physicalCores } from "./physical-cores-node.ts";

const processor = (socket: number, core: number) =>
  `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

test("two threads of one core count once, equal core numbers of two sockets twice", () => {
  expect(physicalCores([processor(0, 0), processor(0, 0)].join("\n"))).toBe(1);
  expect(physicalCores([processor(0, 0), processor(1, 0)].join("\n"))).toBe(
    Math.min(2, availableParallelism()),
  );
});

test("where the system does not tell, every processor counts", () => {
  expect(physicalCores("")).toBe(availableParallelism());
});
