import {
  AF_INET,
  attempt,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  SOCK_STREAM,
  SocketError,
  TimeoutError,
  trace,
} from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { rejectionOf, turn } from "../support/outcome.js";
import { listeningIn, pairWith } from "../support/rival.js";
import { revoked } from "../support/thrown.js";

guardDescriptors();

let rival: OtherProcess;
beforeEach(async () => {
  rival = await otherProcess("rival");
});
afterEach(() => rival.stop());

describe("errors are those of a handle", () => {
  test("SocketError with all its fields, and attempt() explains it", async () => {
    const caller = await rival.socket("caller", AF_INET, SOCK_STREAM);
    const port = await freePort();
    const error = await rejectionOf(caller.connect(LOOPBACK, port));
    expect(error).toBeInstanceOf(SocketError);
    const fd = caller.fd;
    expect(error).toMatchObject({ name: "SocketError", code: "ECONNREFUSED", errno: 111, syscall: "connect" });
    expect(error).toMatchObject({ address: LOOPBACK, port, handle: "caller", fd });
    const lines = paragraphs(
      await printed(async () => expect(await attempt(() => caller.recv())).toBeInstanceOf(Error)),
    );
    expect(lines).toEqual([
      `caller        recv(${fd}, 65536) = -1 ENOTCONN (Transport endpoint is not connected)`,
      "              The socket is not connected: call connect(), or receive on the socket that accept() returned. man 2 recv",
    ]);
  });

  test("a deadline, which is the other process's own", async () => {
    const { taken, port } = await listeningIn(rival);
    const error = await rejectionOf(taken.accept({ timeout: 30 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain(`waited 30 ms and no client has connected to 127.0.0.1:${port}`);
    expect((await rejectionOf(taken.accept({ timeout: 0 }))).message).toContain("waited 0 ms");
  });

  test("a handle that is closed, and a wait that ends with it", async () => {
    const { taken } = await listeningIn(rival);
    const waiting = rejectionOf(taken.accept());
    await taken.close();
    expect(await waiting).toMatchObject({ name: "ClosedError", code: "EBADF", waited: true });
    expect(await rejectionOf(taken.accept())).toMatchObject({ name: "ClosedError", waited: false });
    expect(paragraphs(await printed(() => taken.close()))).toEqual([
      '              "taken" is closed already: nothing to do.',
    ]);
  });

  async function freePort(): Promise<number> {
    const { taken, port } = await listeningIn(rival, "free");
    await taken.close();
    return port;
  }
});

describe("giving up", () => {
  test("a signal ends the wait there too, with its own reason, and loses nothing", async () => {
    const { mine, theirs } = await pairWith(rival);
    const controller = new AbortController();
    const waiting = rejectionOf(theirs.recv(10, 0, { signal: controller.signal }));
    await turn();
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    await mine.send("still there");
    expect(`${await theirs.recv()}`).toBe("still there");
    expect(trace.steps().filter(({ outcome }) => outcome && "ended" in outcome)).toMatchObject([
      { handle: "taken→1", name: "recv", outcome: { ended: "interrupted" } },
    ]);
    expect(await rejectionOf(theirs.recv(10, 0, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("also with a reason that does not let itself be asked what it is", async () => {
    const { theirs } = await pairWith(rival);
    const controller = new AbortController();
    const waiting = rejectionOf(theirs.recv(10, 0, { signal: controller.signal }));
    await turn();
    controller.abort(revoked());
    expect((await waiting).message).toContain("reason cannot be read");
  });

  test("in the very moment in which data arrives: it is received once, by this call or by the next", async () => {
    const { mine, theirs } = await pairWith(rival);
    let got = "";
    for (let i = 0; i < 100; i++) {
      const controller = new AbortController();
      const waiting = theirs.recv(10, 0, { signal: controller.signal }).catch(() => undefined);
      if (i % 2 === 0) await turn();
      await mine.send(String.fromCharCode(33 + (i % 90)));
      if (i % 3 === 0) await turn();
      controller.abort();
      got += (await waiting) ?? (await theirs.recv(10));
    }
    expect(got).toBe(Array.from({ length: 100 }, (_, i) => String.fromCharCode(33 + (i % 90))).join(""));
  });

  test("an interrupt of the cell ends it as a local wait", async () => {
    const { mine, theirs } = await pairWith(rival);
    const waiting = rejectionOf(theirs.recv());
    const waiter = reactor().pending()[0]!;
    expect(waiter).toMatchObject({ background: false, run: process.stdout.write });
    waiter.interrupt();
    expect(await waiting).toMatchObject({ name: "InterruptedError", handle: "taken→1" });
    await mine.send("x");
    expect(`${await theirs.recv()}`).toBe("x");
  });

  test("a process that stands still: the call ends half a second after its deadline, or after the interrupt", async () => {
    const { taken, theirs, mine } = await pairWith(rival);
    await rival.kill("SIGSTOP");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const unawaited = taken.accept();
      const short = rejectionOf(taken.listen());
      const long = rejectionOf(theirs.recv(1, 0, { timeout: 60_000 }));
      await vi.advanceTimersByTimeAsync(11_100);
      expect(await short).toMatchObject({
        name: "TimeoutError",
        happened: `got no answer from process ${rival.pid} (rival)`,
      });
      expect(reactor().pending()).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(50_000);
      expect((await long).name).toBe("TimeoutError");
      const interrupted = rejectionOf(unawaited);
      reactor().pending()[0]!.interrupt();
      await vi.advanceTimersByTimeAsync(500);
      expect((await interrupted).name).toBe("InterruptedError");
    } finally {
      vi.useRealTimers();
    }
    await rival.kill("SIGCONT");
    // It takes what it was sent in order: when it answers this, it has made the calls and given them up.
    await theirs.getsockname();
    await mine.send("x");
    expect(`${await theirs.recv()}`).toBe("x");
  });
});
