import { expect, it } from "vitest";
import { createProgress } from "./progress.ts";

function scripted(isTTY: boolean, columns = 20) {
  let clock = 0;
  let written = "";
  const stream = {
    isTTY,
    columns,
    write(text: string) {
      written += text;
      return true;
    },
  } as NodeJS.WriteStream;
  const wait = (ms: number) => {
    clock += ms;
  };
  return { progress: createProgress(stream, () => clock), wait, written: () => written };
}

it("overwrites one line on a terminal, cut to its width and not too often", () => {
  const { progress, wait, written } = scripted(true);
  progress.update(() => "a line that is too long for it");
  progress.update(() => "too soon");
  wait(100);
  progress.update(() => "second");
  progress.line("kept");
  progress.end();
  expect(written()).toBe("\r\u001b[2Ka line that is too \r\u001b[2Ksecond\r\u001b[2Kkept\n");
});

it("writes plain lines elsewhere: the first after two seconds, then every ten", () => {
  const { progress, wait, written } = scripted(false);
  progress.update(() => "at once");
  wait(2000);
  progress.update(() => "first");
  wait(9999);
  progress.update(() => "too soon");
  wait(1);
  progress.update(() => "second");
  progress.line("kept");
  expect(written()).toBe("first\nsecond\nkept\n");
});
