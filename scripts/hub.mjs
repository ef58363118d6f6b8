import { hubOptions } from "./lib/hub/options.mjs";
import { passwords } from "./lib/hub/passwords.mjs";
import { makeGroup, privateFolder, requireRoot, startHub } from "./lib/hub/server.mjs";
import { setUpHub } from "./lib/hub/setup.mjs";
import { runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";

// npm run hub: sets up what is missing, then runs JupyterHub, a server for a class. hub/README.md has the options.
await runMain(async () => {
  requireRoot("npm run hub");
  const options = hubOptions(process.argv.slice(2));
  await setUpHub();
  const state = privateFolder(inProject("hub", "state"));
  const secrets = options.login === "shared" ? passwords(`${state}/passwords.json`) : {};
  if (options.login === "shared") await makeGroup();
  const child = startHub(state, { ...options, ...secrets });
  const scheme = options.certificate ? "https" : "http";
  console.log(`✓ JupyterHub starts on ${scheme}://${options.ip}:${options.port}. Ctrl-C here ends it and all kernels.`);
  if ("password" in secrets) {
    console.log(`  Learners choose a name; the password for all is ${secrets.password}`);
    console.log(`  ${options.admin} has another one, in hub/state/passwords.json.`);
  }
  if (!options.certificate && options.ip !== "127.0.0.1" && options.ip !== "::1") {
    console.log("  Without --ssl-cert and --ssl-key everybody on the network between can read the passwords.");
  }
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      stopping = true;
      child.kill("SIGTERM");
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(stopping ? 0 : (code ?? 1)));
  });
});
