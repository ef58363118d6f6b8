import { currentCell, insideKernel } from "../cells";

/**
 * A repair for notebooks on tslab's stock kernel.
 *
 * tslab does not await what it sends to the front end. zeromq makes every 512th send in a row wait for the event loop, and a send during
 * that wait throws "Socket is busy writing": the cell then fails, or never ends, for no reason that a learner could see (measured: message
 * 508 of a loop that prints). With a send timeout of 0 no send waits. Our own launcher sends in order by itself.
 */
function repairStockKernel(): void {
  if (!insideKernel() || currentCell() !== undefined) return;
  const { Publisher } = require("zeromq") as typeof import("zeromq");
  const { send } = Publisher.prototype;
  // The property is read-only, so it is defined anew.
  Object.defineProperty(Publisher.prototype, "send", {
    configurable: true,
    value(this: InstanceType<typeof Publisher>, ...message: Parameters<typeof send>) {
      if (this.sendTimeout !== 0) this.sendTimeout = 0;
      return send.apply(this, message);
    },
  });
}

repairStockKernel();
