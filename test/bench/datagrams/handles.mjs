import { LOOPBACK, SOCK_DGRAM, socket, trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";

// With handles: checked, recorded, and each call awaited.
trace.off();
const sender = socket("sender", 2, SOCK_DGRAM);
const receiver = socket("receiver", 2, SOCK_DGRAM);
receiver.bind(LOOPBACK, 0);
const { port } = receiver.getsockname();

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    await sender.sendto("hello", LOOPBACK, port);
    await receiver.recvfrom(1024);
  }
});
