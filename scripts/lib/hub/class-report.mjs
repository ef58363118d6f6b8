/**
 * @typedef {{ server: number, kernels: number }} Memory in megabytes
 * @typedef {{ what: "server", learner: string, seconds: number, memory: Memory }} Started
 * @typedef {{ what: "notebook", learner: string, notebook: string, seconds: number, cells: number, ports: number[],
 *             failed: Array<{ cell: string, error: string, text: string }>, memory: Memory }} Ran
 * @typedef {{ what: "second", learner: string, seconds: number, status: string, network: string | null, error: string, text: string }} Second
 * @typedef {{ what: "error", learner: string, error: string }} Failed
 * @typedef {Started | Ran | Second | Failed} Fact a line of hub/simulate.py
 */

/** @param {number[]} numbers */
const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** @param {number} seconds */
const inSeconds = (seconds) => `${seconds.toFixed(1)} s`;

/** @param {string} what @param {string[]} rest */
const line = (what, ...rest) => `  ${what.padEnd(28)}${rest.map((text) => text.padStart(20)).join("")}`;

/**
 * What a class took, as lines of text: the middle of all learners, and the most.
 * @param {Fact[]} facts
 */
export function report(facts) {
  /** @template {Fact["what"]} W @param {W} what */
  const all = (what) => /** @type {Array<Extract<Fact, { what: W }>>} */ (facts.filter((fact) => fact.what === what));
  const started = all("server");
  const ran = all("notebook");
  /** @param {number[]} numbers @param {(value: number) => string} write */
  const both = (numbers, write) => [write(middle(numbers)), write(Math.max(...numbers))];
  const megabytes = (/** @type {number} */ value) => `${value} MB`;
  const lines = [line("for each learner", "half of them within", "all within")];
  if (started.length > 0) {
    const seconds = started.map((fact) => fact.seconds);
    lines.push(line("log in, server ready", ...both(seconds, inSeconds)));
  }
  for (const name of [...new Set(ran.map(({ notebook }) => notebook))].sort()) {
    const these = ran.filter(({ notebook }) => notebook === name);
    lines.push(
      line(
        `${name}`,
        ...both(
          these.map(({ seconds }) => seconds),
          inSeconds,
        ),
      ),
    );
  }
  if (ran.length > 0) {
    const sum = (/** @type {Ran} */ { memory: { server, kernels } }) => server + kernels;
    lines.push(
      line(
        "memory of the server",
        ...both(
          ran.map(({ memory }) => memory.server),
          megabytes,
        ),
      ),
    );
    lines.push(
      line(
        "memory of a kernel",
        ...both(
          ran.map(({ memory }) => memory.kernels),
          megabytes,
        ),
      ),
    );
    lines.push(line("both", ...both(ran.map(sum), megabytes)));
  }
  return lines;
}

/**
 * What went wrong, one line for each.
 * @param {Fact[]} facts
 */
export function faults(facts) {
  return facts.flatMap((fact) => {
    if (fact.what === "error") return [`${fact.learner}: ${fact.error}`];
    if (fact.what === "second" && fact.status !== "ok") return [`${fact.learner}, second kernel: ${fact.error}`];
    if (fact.what !== "notebook") return [];
    return fact.failed.map(
      ({ cell, error, text }) => `${fact.learner}, ${fact.notebook}, cell ${cell}: ${error || text}`,
    );
  });
}
