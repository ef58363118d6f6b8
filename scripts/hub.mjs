import { hubOptions } from "./lib/hub/options.mjs";
import { passwords } from "./lib/hub/passwords.mjs";
import { insistOnPorts, urls, windowOf } from "./lib/hub/reach.mjs";
import { endHub, isReady, makeGroup, privateFolder, requireRoot, startHub } from "./lib/hub/server.mjs";
import { setUpHub } from "./lib/hub/setup.mjs";
import { runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";

/**
 * @param {import("./lib/hub/options.mjs").HubOptions} options
 * @param {{ password?: string }} secrets
 */
function announce(options, { password }) {
  const { certificate, ip, admin } = options;
  const [url = "", ...others] = urls(options);
  console.log(`✓ JupyterHub runs: ${[url, ...others].join("  ")}`);
  console.log("  Ctrl-C here ends it, the learners' servers and their kernels.");
  if (password !== undefined) {
    console.log(`  Learners choose a name; the password for all of them is ${password}`);
    console.log(`  ${admin} has another one. Both are in hub/state/passwords.json.`);
  }
  console.log(
    "  A learner's server opens notebook 00. Notebook 01 with its live panel beside it, and so each by its name:",
  );
  console.log(`    ${windowOf(url, "01-connection-procedure")}`);
  if (certificate === "" && ip !== "127.0.0.1" && ip !== "::1") {
    console.log("  Without --ssl-cert and --ssl-key everybody on the network between can read the passwords.");
  }
}

// npm run hub: sets up what is missing, then runs JupyterHub, a server for a class. hub/README.md has the options.
await runMain(async () => {
  requireRoot("npm run hub");
  const options = hubOptions(process.argv.slice(2));
  await setUpHub();
  const state = privateFolder(inProject("hub", "state"));
  await insistOnPorts(state, options);
  const secrets = options.login === "shared" ? passwords(`${state}/passwords.json`) : {};
  if (options.login === "shared") await makeGroup();
  const child = startHub(state, { ...options, ...secrets });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      console.log("\nEnding JupyterHub, the learners' servers and their kernels …");
      void endHub(child);
    });
  }
  /** @type {Promise<number | null>} */
  const end = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ready = await isReady(child, options.hub_port);
  if (ready && !stopping) announce(options, secrets);
  if (!ready && !stopping && child.exitCode === null)
    console.error("✗ JupyterHub does not answer: Ctrl-C here ends it.");
  const code = await end;
  if (stopping) {
    console.log("✓ They have ended.");
    return 0;
  }
  console.error(`✗ JupyterHub has ended by itself (status ${code ?? "of a signal"}): its own words are above.`);
  return code || 1;
});
