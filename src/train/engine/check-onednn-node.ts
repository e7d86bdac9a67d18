import { SenetError } from "../../base/errors.ts";

/** Opens oneDNN's library; throws SenetError `engine` where there is none that can be used. */
export async function checkOnednn(): Promise<void> {
  throw new SenetError(
    "engine",
    "oneDNN: expected its library, with which training takes about half the time, found none; `senet engine install` installs it.",
  );
}
