import { Kernel, type KernelOptions } from "./kernel.js";

export type { Bundle, Cell, CellError } from "./cell.js";
export type { ExecuteOptions, Kernel, KernelOptions } from "./kernel.js";
export { asItComes, type Exit, kernelCommand, ROOT, type Spec } from "./process.js";
export type { Message } from "./wire.js";

/** Starts a kernel; whoever calls it must call `stop()`. */
export function startKernel(options: KernelOptions): Promise<Kernel> {
  return Kernel.start(options);
}

/** Runs `use` with a kernel that is gone afterwards, whether `use` succeeds or throws. */
export async function withKernel<T>(options: KernelOptions, use: (kernel: Kernel) => Promise<T>): Promise<T> {
  const kernel = await startKernel(options);
  try {
    return await use(kernel);
  } finally {
    await kernel.stop();
  }
}
