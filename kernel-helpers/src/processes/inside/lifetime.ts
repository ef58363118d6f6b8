import { endWithParent } from "../../calls/end-with-parent";

/*
 * The other process ends with the one that started it, whatever happened to that one: when it exits, the pipe between the two closes; when
 * it is killed while this process is stopped, the system kills this one (Linux); and where all else fails, its parent is another one.
 */
const INTERVAL = 1000;
const parent = process.ppid;

// The interrupt of a kernel or of a terminal goes to the whole process group: it ends the wait of the cell, not this process.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));
endWithParent();
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, INTERVAL).unref();
if (!process.connected) process.exit(0);
