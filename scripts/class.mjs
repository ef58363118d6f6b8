import { faults, report } from "./lib/hub/class-report.mjs";
import { ClassServer } from "./lib/hub/class-server.mjs";
import { letLearn } from "./lib/hub/learners.mjs";
import { requireRoot } from "./lib/hub/server.mjs";
import { setUpHub } from "./lib/hub/setup.mjs";
import { Problem, runMain } from "./lib/problem.mjs";

// npm run class -- 10: that many learners log in to a JupyterHub at once, each runs notebooks 01, 02 and 03, and the
// seconds and the memory (PSS) are printed. The accounts are made for it and removed again, whatever happens.
const NOTEBOOKS = ["01-connection-procedure", "02-bind", "03-datagrams"];
const MOST = 60;

/** @param {string[]} args */
function learners(args) {
  const count = Number(args[0]);
  if (args.length === 1 && Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new Problem(`Say how many learners, from 1 to ${MOST}: \`npm run class -- 10\`.`);
}

await runMain(async () => {
  const count = learners(process.argv.slice(2));
  requireRoot(`npm run class -- ${count}`);
  await setUpHub();
  console.log("  Starting a JupyterHub of its own, with accounts that are removed again …");
  let interrupted = false;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let working;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (!interrupted) console.log("\n  Broken off: ending the JupyterHub and removing its accounts …");
      interrupted = true;
      working?.kill();
    });
  }
  const server = await ClassServer.start(count);
  /** @type {import("./lib/hub/class-report.mjs").Fact[]} */
  const facts = [];
  try {
    const began = Date.now();
    const { child, done } = letLearn({ ...server.known, notebooks: NOTEBOOKS }, (fact) => {
      facts.push(fact);
      if (fact.what === "notebook")
        console.log(`  ${fact.learner}: ${fact.notebook}, ${fact.cells} ${fact.cells === 1 ? "cell" : "cells"}`);
    });
    working = child;
    if (interrupted) child.kill();
    await done;
    if (interrupted) return 130;
    console.log(
      `\n${count === 1 ? "1 learner" : `${count} learners at once`}, notebooks 01, 02 and 03: ${Math.round((Date.now() - began) / 1000)} s`,
    );
    console.log(report(facts).join("\n"));
    const wrong = faults(facts);
    for (const text of wrong) console.error(`✗ ${text}`);
    if (wrong.length > 0) console.error(`\nJupyterHub says:\n${server.log.trim()}`);
    return wrong.length === 0 && facts.length === count * (NOTEBOOKS.length + 1) ? 0 : 1;
  } finally {
    const left = await server.stop();
    if (left.length > 0) console.error(`✗ userdel could not remove ${left.join(", ")}.`);
    else if (interrupted) console.log("✓ Nothing of it is left.");
  }
});
