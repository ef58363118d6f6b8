import { MSG_NOSIGNAL, trace } from "kernel-helpers";
import koffi from "koffi";
import { inTurns } from "../measure/turns.mjs";
import { numbers } from "./pair.mjs";

// libc's functions through koffi, and nothing else: the least that a call from JavaScript costs.
trace.off();
const libc = koffi.load(null);
const send = libc.func("intptr_t send(int fd, const void *data, size_t length, int flags)");
const recv = libc.func("intptr_t recv(int fd, void *buffer, size_t length, int flags)");
const [client, server] = numbers();
const hello = Buffer.from("hello");
const memory = Buffer.alloc(1024);

await inTurns((rounds) => {
  for (let i = 0; i < rounds; i++) {
    send(client, hello, 5, MSG_NOSIGNAL);
    recv(server, memory, 1024, 0);
  }
});
