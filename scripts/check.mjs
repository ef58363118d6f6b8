import { checkInstalled } from "./lib/check-installed.mjs";
import { checkDescriptors } from "./lib/check-limits.mjs";
import { checkNetwork } from "./lib/check-network.mjs";
import { checkOwnNetwork } from "./lib/check-own-network.mjs";

// npm run check: one line for each thing that the workshop needs. Exit status 0 when all of them are there.
const findings = [
  ...(await checkInstalled()),
  ...(await checkNetwork()),
  await checkOwnNetwork(),
  await checkDescriptors(),
];
for (const { sign, text } of findings) console.log(`${sign} ${text}`);
const gone = findings.filter(({ sign }) => sign === "✗").length;
console.log(gone === 0 ? "\nThis machine is ready for the workshop." : `\n${gone} of ${findings.length} are missing.`);
process.exitCode = gone === 0 ? 0 : 1;
