import { createSocket } from "node:dgram";
import { once } from "node:events";
import { inTurns } from "../measure/turns.mjs";

// With node:dgram: a datagram is sent when the one before has arrived.
const sender = createSocket("udp4");
const receiver = createSocket("udp4");
receiver.bind(0, "127.0.0.1");
await once(receiver, "listening");
const { port } = receiver.address();
let arrived = () => {};
receiver.on("message", () => arrived());

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    const arrival = new Promise((resolve) => {
      arrived = () => resolve(undefined);
    });
    sender.send("hello", port, "127.0.0.1");
    await arrival;
  }
});
