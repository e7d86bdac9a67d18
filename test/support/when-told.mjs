/**
 * Preloaded into a process under test: does something to that process at the very moment it tells a text on stderr, however
 * late the test itself would hear of it. SENET_TEST_WHEN holds the text (empty: once signals are listened to), SENET_TEST_DO
 * what to do.
 */
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const { SENET_TEST_WHEN: when, SENET_TEST_DO: what } = process.env;

/** Takes all the room there is on a file's disk. */
function fill(file) {
  const chunk = new Uint8Array(4096);
  try {
    for (;;) appendFileSync(file, chunk);
  } catch {
    // full, as it should be
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

/** Before anything is told: as soon as the program would answer. */
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
  let told = "";
  let done = false;
  process.stderr.write = (text, ...rest) => {
    const result = write(text, ...rest);
    told += text;
    if (!done && told.includes(when)) {
      done = true;
      const { action, argument } = JSON.parse(what);
      actions[action](argument);
    }
    return result;
  };
}
