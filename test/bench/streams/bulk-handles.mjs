import { LOOPBACK, SOCK_STREAM, socket, trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";

// The same as bulk.c with handles: sendAll on one side, recv on the other.
trace.off();
const MEGABYTE = 1024 * 1024;
const AF_INET = 2;
const [port] = process.argv.slice(2).map(Number);
const one = socket("one", AF_INET, SOCK_STREAM);

if (port === undefined) {
  one.bind(LOOPBACK, 0);
  one.listen(1);
  console.log(one.getsockname().port);
  const connection = await one.accept();
  await inTurns(async (rounds) => {
    for (let left = rounds * MEGABYTE; left > 0; ) {
      const data = await connection.recv(65_536);
      if (data.byteLength === 0) throw new Error("The peer has closed.");
      left -= data.byteLength;
    }
    await connection.send("!");
  });
} else {
  await one.connect(LOOPBACK, port);
  const data = Buffer.alloc(MEGABYTE);
  await inTurns(async (rounds) => {
    for (let i = 0; i < rounds; i++) await one.sendAll(data);
    await one.recv(1);
  });
}
