import { makeSnapshot } from "./make";

// Makes the snapshot for the Node that runs this. For the kernel in the background: nobody hears what goes wrong, and the next start tries again.

makeSnapshot().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
