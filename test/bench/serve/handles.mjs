import { serve, trace } from "kernel-helpers";

// An echo server as a learner writes it, and its port.
trace.off();
const server = await serve("echo", {}, async (conversation) => {
  for await (const data of conversation) await conversation.sendAll(data);
});
console.log(server.port);
process.stdin.resume().on("end", () => process.exit());
