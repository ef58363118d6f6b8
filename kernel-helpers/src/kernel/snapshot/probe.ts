import "./adopt";
import { createConverters } from "../convert";
import { stamps, startedFrom } from "./adopt";

// Run from a new snapshot: says what it was made from, if a cell can be converted with it.

if (startedFrom !== "snapshot") throw new Error("This process has not started from a snapshot of these files.");
const { cell } = createConverters(() => 1).node.warmUp("const two = 1 + 1;");
if (cell === undefined) throw new Error("A cell cannot be converted.");
process.stdout.write(JSON.stringify(stamps), () => process.exit(0));
