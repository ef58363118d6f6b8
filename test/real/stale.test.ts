import { AF_INET, calls, LOOPBACK, SOCK_DGRAM, SOCK_NONBLOCK, type SocketAddress, trace } from "kernel-helpers";
import { tryRecv } from "kernel-helpers/dist/calls/index.js";
import { errno } from "kernel-helpers/dist/facts/index.js";
import { Reactor, Registration, WOULD_BLOCK } from "kernel-helpers/dist/readiness/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { turn } from "../support/outcome.js";
import { POLLERS } from "../support/pollers.js";

guardDescriptors();

const TRIALS = 300;

describe.each(POLLERS)("%s", (kind) => {
  let loop: Reactor;
  let sender = -1;
  beforeAll(async () => {
    trace.off();
    loop = new Reactor(kind);
    sender = calls.socket(AF_INET, SOCK_DGRAM);
    // The thread opens descriptors of its own while it starts; it has started when it has woken somebody.
    const { fd, address } = boundDatagram();
    const { wait, registration } = waitOn(fd);
    await turn();
    calls.sendto(sender, "started", address);
    expect(await wait).toBe("started");
    registration.release();
    calls.close(fd);
  });
  afterAll(() => calls.close(sender));

  const boundDatagram = (): { fd: number; address: SocketAddress } => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
    calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port: 0 });
    return { fd, address: calls.getsockname(fd)! };
  };

  const words = {
    defaultTimeout: 10_000,
    timeoutError: () => new Error("timeout"),
    interruptError: () => new Error("interrupted"),
    closedError: () => new Error("closed"),
  };

  /** Begins to wait for a datagram, and counts how often the call is tried. */
  const waitOn = (fd: number) => {
    const registration = new Registration(fd, { handle: "test" }, loop);
    const memory = Buffer.alloc(64);
    const tries = { count: 0 };
    const wait = registration.wait<string>(
      "in",
      {
        attempt() {
          tries.count += 1;
          const { result } = tryRecv(fd, memory, 64, 0);
          if (result === -errno.EAGAIN!) return WOULD_BLOCK;
          if (result < 0) throw new Error(`errno ${-result}`);
          return memory.toString("utf8", 0, result);
        },
      },
      words,
    );
    return { registration, wait, tries };
  };

  test(`an event of a closed descriptor never wakes the number's next owner (${TRIALS} trials)`, async () => {
    for (let done = 0; done < TRIALS; ) {
      const first = boundDatagram();
      const old = waitOn(first.fd);
      await turn();
      // The thread sees this datagram at once; its message is on the way while the descriptor changes hands.
      calls.sendto(sender, "for the first", first.address);
      const spin = performance.now() + 0.3;
      while (performance.now() < spin);
      old.registration.release();
      calls.close(first.fd);
      const second = boundDatagram();
      // Another thread of Node's, which opens a file, can have been given the number first. Then the trial tries nothing.
      if (second.fd !== first.fd) {
        await expect(old.wait).rejects.toThrow("closed");
        calls.close(second.fd);
        continue;
      }
      done++;
      const next = waitOn(second.fd);
      await expect(old.wait).rejects.toThrow("closed");
      // Two tries belong to the wait itself: at once, and after a turn of the event loop. A third is a wake-up.
      for (let turns = 0; turns < 4; turns++) await turn();
      expect(next.tries.count).toBeLessThanOrEqual(2);
      calls.sendto(sender, "for the second", second.address);
      expect(await next.wait).toBe("for the second");
      next.registration.release();
      calls.close(second.fd);
    }
  });

  test("a re-used number is heard although it was armed before, in both directions, in any order", async () => {
    for (let i = 0; i < 100; i++) {
      const { fd, address } = boundDatagram();
      const first = waitOn(fd);
      if (i % 2 === 0) await turn();
      if (i % 3 === 0) calls.sendto(sender, "early", address);
      else {
        await turn();
        calls.sendto(sender, "late", address);
      }
      expect(await first.wait).toBe(i % 3 === 0 ? "early" : "late");
      const again = waitOn(fd);
      await turn();
      calls.sendto(sender, "again", address);
      expect(await again.wait).toBe("again");
      first.registration.release();
      again.registration.release();
      calls.close(fd);
    }
  });
});
