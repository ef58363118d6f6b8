/** How often the parent is looked at, in milliseconds. */
const INTERVAL = 1000;

/** Ends this process when the one that started it is gone: a crashed Jupyter server leaves no kernels behind. */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, INTERVAL).unref();
}
