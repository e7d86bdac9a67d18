/**
 * Preloaded into a process under test: acts on that process at the moment it writes a text to stderr, which the test itself would
 * read later. SENET_TEST_WHEN holds the text (empty: once the process handles signals), SENET_TEST_DO the action.
 */
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const { SENET_TEST_WHEN: when, SENET_TEST_DO: what } = process.env;

/** Fills the disk that a file is on. */
function fill(file) {
  const chunk = new Uint8Array(4096);
  try {
    for (;;) appendFileSync(file, chunk);
  } catch {
    // full
  }
}

const actions = {
  fill,
  interrupt() {
    // Twice, as npm passes on what the terminal has sent already.
    process.kill(process.pid, "SIGINT");
    process.kill(process.pid, "SIGINT");
  },
  kill(delay) {
    setTimeout(() => process.kill(process.pid, "SIGKILL"), Number(delay));
  },
};

/** Before any output: as soon as the process handles signals. */
function whenListening(act) {
  const timer = setInterval(() => {
    if (process.listenerCount("SIGINT") === 0) return;
    clearInterval(timer);
    act();
  }, 1);
}

if (isMainThread && when === "") {
  const { action, argument } = JSON.parse(what);
  whenListening(() => actions[action](argument));
} else if (isMainThread) {
  const write = process.stderr.write.bind(process.stderr);
  let output = "";
  let done = false;
  process.stderr.write = (text, ...rest) => {
    const result = write(text, ...rest);
    output += text;
    if (!done && output.includes(when)) {
      done = true;
      const { action, argument } = JSON.parse(what);
      actions[action](argument);
    }
    return result;
  };
}
