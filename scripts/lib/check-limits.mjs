import { lacking, there } from "./finding.mjs";
import { run } from "./run.mjs";

const ENOUGH = 1024;

/**
 * The limit on open descriptors, as one finding. Node raises its own soft limit to the hard one at start, and
 * what it runs inherits that: a shell's answer is what a kernel gets.
 */
export async function checkDescriptors() {
  const { code, output } = await run("sh", ["-c", "ulimit -n"]);
  const limit = output.trim();
  if (code !== 0) return lacking("The limit on descriptors is unknown: `ulimit -n` does not run here");
  if (limit === "unlimited" || Number(limit) >= ENOUGH) return there(`${limit} descriptors for each process`);
  return lacking(
    `Only ${limit} ${limit === "1" ? "descriptor" : "descriptors"} for each process: the cells with many clients need ${ENOUGH}; raise nofile in /etc/security/limits.conf, or give a container \`--ulimit nofile=${ENOUGH}\``,
  );
}
