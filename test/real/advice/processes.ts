import { existsSync, readFileSync, rmSync } from "node:fs";
import {
  AF_INET,
  AF_UNIX,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  SO_REUSEADDR,
  SOCK_STREAM,
  socket,
} from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { expect, vi } from "vitest";
import { printed } from "../../support/captured.js";
import { withoutNamespaces } from "../../support/environments.js";
import { freshPath } from "../../support/kinds.js";
import { rejectionOf, turn } from "../../support/outcome.js";
import { pairWith } from "../../support/rival.js";
import { startedAs } from "../../support/started-as.js";
import type { Entry } from "./entry.js";
import { runProgram } from "./unprivileged.js";

/* What is said of another process, and by handles in it. */

export const processEntries: Entry[] = [];
const entry = (says: string[], make: Entry["make"]) => processEntries.push({ says, make });

/** With another process, which is gone afterwards. */
async function withRival<T>(use: (rival: OtherProcess) => Promise<T>, options = {}): Promise<T> {
  const rival = await otherProcess("rival", options);
  try {
    return await use(rival);
  } finally {
    if (rival.running) await rival.kill();
  }
}

const isThere = (pid: number) => existsSync(`/proc/${pid}/fd`);

entry(
  ["processStarted", "processAtEnd", "handlesAtEnd", "processGone", "processEnded", "runProcessAgain"],
  async () => {
    let text = "";
    const lines = await printed(async () => {
      const first = await otherProcess("rival");
      expect(isThere(first.pid)).toBe(true);
      await first.stop();
      expect(isThere(first.pid)).toBe(false);
      await first.stop();
      const second = await otherProcess("rival");
      const { taken, port } = await pairWith(second);
      await second.kill();
      expect(isThere(second.pid)).toBe(false);
      // The system has closed them: nobody listens any more.
      expect((await rejectionOf(() => socket("late", AF_INET, SOCK_STREAM).connect(LOOPBACK, port))).code).toBe(
        "ECONNREFUSED",
      );
      text = (await rejectionOf(() => taken.accept())).message;
      await withRival(async (third) => {
        await (await third.socket("taken", AF_INET, SOCK_STREAM)).listen();
      });
    });
    return `${lines.join(" ")} ${text}`;
  },
);
entry(["tooManyCalls"], () =>
  withRival(async (rival) => {
    const there = await rival.socket("there", AF_INET, SOCK_STREAM);
    const many = Array.from({ length: 30_000 }, () => there.getsockname());
    const { message } = await rejectionOf(async () => there.getsockname());
    await Promise.all(many);
    await there.getsockname();
    return message;
  }),
);
entry(["fileLeft"], async () => {
  const path = freshPath();
  const lines = await printed(async () => {
    await withRival(async (rival) => {
      await (await rival.socket("unix", AF_UNIX, SOCK_STREAM)).bind(path);
      expect(existsSync(path)).toBe(true);
    });
    expect(existsSync(path)).toBe(false);
  });
  return lines.join(" ");
});
entry(["processStartedAlone"], async () => {
  const text = (
    await printed(() =>
      withRival(
        async (lab) => {
          const server = await lab.socket("server", AF_INET, SOCK_STREAM);
          await server.bind(LOOPBACK, 0);
          await server.listen();
          const { port } = await server.getsockname();
          const reached = (family: number, address: string, at?: number) =>
            socket("stranger", family, SOCK_STREAM).connect(address, at);
          expect((await rejectionOf(() => reached(AF_INET, LOOPBACK, port))).code).toBe("ECONNREFUSED");
          // A path is everybody's: that is why the sentence speaks of ports. An abstract name is the network's own.
          const path = freshPath();
          for (const name of [path, `\0${path}`]) {
            const unix = await lab.socket(name === path ? "unix" : "abstract", AF_UNIX, SOCK_STREAM);
            await unix.bind(name);
            await unix.listen();
          }
          await reached(AF_UNIX, path);
          expect((await rejectionOf(() => reached(AF_UNIX, `\0${path}`))).code).toBe("ECONNREFUSED");
          rmSync(path, { force: true });
        },
        { network: "own" },
      ),
    )
  ).join(" ");
  expect(text).not.toContain("its sockets:");
  return text;
});
entry(["networkNotAllowed"], () =>
  runProgram(
    withoutNamespaces().kernel.command([]),
    `await fails(() => k.otherProcess("lab", { network: "own" })); const lab = await k.otherProcess("lab"); await lab.stop();`,
  ),
);
entry(["portOfOtherHandle"], () =>
  withRival(async (rival) => {
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    await taken.bind(LOOPBACK, 0);
    await taken.listen();
    const { port } = await taken.getsockname();
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    mine.setsockopt(SO_REUSEADDR, 0);
    const { message } = await rejectionOf(async () => mine.bind(LOOPBACK, port));
    await taken.close();
    mine.bind(LOOPBACK, port);
    return message;
  }),
);
entry(["processStopped"], async () => {
  const rival = await otherProcess("rival");
  const { theirs } = await pairWith(rival);
  const waiting = rejectionOf(theirs.recv());
  await theirs.getsockname();
  await rival.stop();
  return (await waiting).message;
});
entry(["closedLongAgo"], () =>
  withRival(async (rival) => {
    const old = await rival.socket("old", AF_INET, SOCK_STREAM);
    await old.close();
    for (let i = 0; i < 101; i++) await (await rival.socket("other", AF_INET, SOCK_STREAM)).close();
    const { message } = await rejectionOf(() => old.listen());
    await (await rival.socket("old", AF_INET, SOCK_STREAM)).listen();
    return message;
  }),
);
// The words of an interrupt come from the process that made the call; only that one knows what was left behind.
entry(["connectInterrupted", "tookSome", "nothingLost"], () =>
  withRival(async (rival) => {
    const { mine, theirs } = await pairWith(rival);
    const interruptAll = async (call: () => Promise<unknown>) => {
      const failed = rejectionOf(call());
      await theirs.getsockname();
      for (const waiter of reactor().pending()) waiter.interrupt();
      return (await failed).message;
    };
    const sending = await interruptAll(() => theirs.sendAll(Buffer.alloc(20_000_000)));
    const taken = Number(/The system took (\d+) of/.exec(sending)?.[1]);
    await theirs.shutdown(1);
    let got = 0;
    for (;;) {
      const { byteLength } = await mine.recv(1_000_000);
      if (byteLength === 0) break;
      got += byteLength;
    }
    expect(got).toBe(taken);
    const receiving = await interruptAll(() => theirs.recv());
    await mine.send("x");
    expect(`${await theirs.recv()}`).toBe("x");
    const full = socket("full", AF_INET, SOCK_STREAM);
    full.bind(LOOPBACK, 0);
    full.listen(0);
    const { port } = full.getsockname();
    await socket("queued", AF_INET, SOCK_STREAM).connect(LOOPBACK, port);
    const late = await rival.socket("late", AF_INET, SOCK_STREAM);
    const connecting = await interruptAll(() => late.connect(LOOPBACK, port));
    await turn();
    expect((await rejectionOf(() => late.listen())).name).toBe("ClosedError");
    return `${sending} ${receiving} ${connecting}`;
  }),
);
entry(["processSilent", "outcomeUnknown"], () =>
  withRival(async (rival) => {
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    await rival.kill("SIGSTOP");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let text = "";
    try {
      const listening = rejectionOf(taken.listen());
      await vi.advanceTimersByTimeAsync(11_100);
      text += (await listening).message;
      const naming = rejectionOf(taken.getsockname());
      for (const waiter of reactor().pending()) waiter.interrupt();
      await vi.advanceTimersByTimeAsync(600);
      text += (await naming).message;
    } finally {
      vi.useRealTimers();
    }
    await rival.kill("SIGCONT");
    // It has made the call that it was sent.
    const { port } = await taken.getsockname();
    await socket("client", AF_INET, SOCK_STREAM).connect(LOOPBACK, port);
    return text;
  }),
);
entry(["startInterrupted", "startTooLong"], async () => {
  let text = "";
  const file = freshPath();
  const standsStill = `echo $$ >${file}.new; mv ${file}.new ${file}; exec sleep 600`;
  // With setImmediate, which goes on when the timers stand still.
  const so = async (is: () => boolean) => {
    while (!is()) await turn();
  };
  const gone = async () => {
    const pid = Number(readFileSync(file, "utf8"));
    await so(() => !isThere(pid));
    rmSync(file);
  };
  const first = startedAs(standsStill, () => rejectionOf(otherProcess("rival")));
  await so(() => existsSync(file));
  for (const waiter of reactor().pending()) waiter.interrupt();
  text += (await first).message;
  await gone();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const second = startedAs(standsStill, () => rejectionOf(otherProcess("rival")));
  await so(() => existsSync(file));
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  text += (await second).message;
  await gone();
  await withRival(async (rival) => expect(isThere(rival.pid)).toBe(true));
  return text;
});
const FILL =
  'const made = []; try { for (;;) made.push(socket("s" + made.length, k.AF_INET, k.SOCK_STREAM)); } catch (error) { same(error.code, "EMFILE"); }';
entry(["noPipes"], () =>
  runProgram(
    "fewDescriptors",
    `${FILL} await fails(() => k.otherProcess("lab")); k.closeAll(); const lab = await k.otherProcess("lab"); same(lab.running, true); await lab.stop();`,
  ),
);
// The spare descriptor is on /dev/null, which Node has opened for nothing else here.
entry(["noDescriptor"], () =>
  runProgram(
    "fewDescriptors",
    `for (const fd of fs.readdirSync("/proc/self/fd").map(Number)) {
       try { if (fd > 2 && fs.readlinkSync("/proc/self/fd/" + fd) === "/dev/null") fs.closeSync(fd); } catch {}
     }
     ${FILL} await fails(() => k.handles()); k.closeAll(); k.handles();`,
  ),
);
