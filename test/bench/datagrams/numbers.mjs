import { calls, LOOPBACK, SOCK_DGRAM, SOCK_NONBLOCK, trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";

// The calls on numbers: checked and recorded.
trace.off();
const AF_INET = 2;
const sender = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
const receiver = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
calls.bind(receiver, { family: "AF_INET", address: LOOPBACK, port: 0 });
const there = calls.getsockname(receiver);
if (there === undefined) throw new Error("The receiving socket has no address.");
const hello = Buffer.from("hello");
const memory = Buffer.alloc(1024);

await inTurns((rounds) => {
  for (let i = 0; i < rounds; i++) {
    calls.sendto(sender, hello, there);
    calls.recvfrom(receiver, memory);
  }
});
