import {
  AF_INET,
  AF_UNIX,
  type Handle,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_RD,
  SHUT_WR,
  SO_LINGER,
  SO_RCVTIMEO,
  SOCK_DGRAM,
  socket,
  trace,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { run } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { freshPath, KINDS, removePaths } from "../support/kinds.js";
import { turn } from "../support/outcome.js";
import { datagram, streamPair } from "../support/pairs.js";

/*
 * What a receive with MSG_WAITALL gives, with and without MSG_PEEK. The right answers are not written down here: Python's sockets, which
 * block, give them on this very system, and a handle must give the same.
 */

guardDescriptors();
removePaths();
trace.off();

const KINDS_OF_SOCKETS = ["tcp", "unix stream", "unix datagrams", "unix packets", "udp"] as const;
type KindOfSocket = (typeof KINDS_OF_SOCKETS)[number];
const EVENTS = ["more", "close", "shutdown", "reset", "shut receiving", "urgent", "time"] as const;
type Event = (typeof EVENTS)[number];

interface Case {
  readonly kind: KindOfSocket;
  readonly peek: boolean;
  /** What is there before the receive begins. */
  readonly first: string;
  /** What happens once it is over, or is seen to wait. */
  readonly event: Event;
}

const ONLY_TCP: readonly Event[] = ["reset", "shut receiving", "urgent"];
const CASES: readonly Case[] = KINDS_OF_SOCKETS.flatMap((kind) =>
  [true, false].flatMap((peek) => [
    { kind, peek, first: "", event: "more" as const },
    ...EVENTS.filter((event) => kind === "tcp" || (event !== "shutdown" && !ONLY_TCP.includes(event)))
      // Nothing tells the receiver of datagrams that the sender has closed.
      .filter((event) => event !== "close" || !/datagrams|udp/.test(kind))
      .map((event) => ({ kind, peek, first: "abcd", event })),
  ]),
);

/** Ten bytes are asked for. A thread that sleeps, and sleeps on, waits in the system; one that the machine keeps waiting is said to run. */
const PYTHON = `
import json, socket, struct, sys, threading, time
def tcp():
    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(1)
    near = socket.create_connection(listener.getsockname()); far, _ = listener.accept(); listener.close()
    return near, far
def udp():
    far = socket.socket(type=socket.SOCK_DGRAM); far.bind(("127.0.0.1", 0))
    near = socket.socket(type=socket.SOCK_DGRAM); near.connect(far.getsockname())
    return near, far
pair = {"tcp": tcp, "udp": udp, "unix stream": lambda: socket.socketpair(), "unix datagrams": lambda: socket.socketpair(type=socket.SOCK_DGRAM), "unix packets": lambda: socket.socketpair(type=socket.SOCK_SEQPACKET)}
def reset(near):
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); near.close()
def waits(thread):
    before, same = None, 0
    while thread.is_alive() and same < 10:
        time.sleep(0.01)
        try: text = open(f"/proc/self/task/{thread.native_id}/status").read()
        except OSError: break
        now = (text.split("State:")[1].split()[0], text.split("voluntary_ctxt_switches:")[1].split()[0])
        same = same + 1 if now == before and now[0] == "S" else 0
        before = now
def outcome(case):
    near, far = pair[case["kind"]]()
    flags = socket.MSG_WAITALL | (socket.MSG_PEEK if case["peek"] else 0)
    if case["event"] == "time": far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 300_000))
    if case["first"]: near.send(case["first"].encode())
    got = []
    def receive():
        try: got.append(far.recv(10, flags).decode())
        except OSError as error: got.append(error.errno)
    thread = threading.Thread(target=receive); thread.start()
    waits(thread)
    event = case["event"]
    if event == "more": near.send(b"efghijklmn")
    elif event == "close": near.close()
    elif event == "shutdown": near.shutdown(socket.SHUT_WR)
    elif event == "reset": reset(near)
    elif event == "shut receiving": far.shutdown(socket.SHUT_RD)
    elif event == "urgent": near.send(b"!", socket.MSG_OOB)
    if event == "urgent": waits(thread); near.send(b"efghijklmn") if thread.is_alive() else None
    thread.join()
    return got[0]
print(json.dumps([outcome(case) for case in json.loads(sys.argv[1])]))
`;

async function pairOf(kind: KindOfSocket): Promise<[near: Handle, far: Handle]> {
  if (kind === "tcp") return ends(await streamPair());
  if (kind === "unix stream") return ends(await streamPair(KINDS.AF_UNIX));
  if (kind === "unix packets") return packets();
  const unix = kind === "unix datagrams";
  const { receiver, place } = datagram(unix ? KINDS.AF_UNIX : undefined);
  const near = socket("near", unix ? AF_UNIX : AF_INET, SOCK_DGRAM);
  await near.connect(...place);
  return [near, receiver];
}

const ends = ({ client, server }: { client: Handle; server: Handle }): [Handle, Handle] => [client, server];

const SOCK_SEQPACKET = 5;

async function packets(): Promise<[Handle, Handle]> {
  const listener = socket("listener", AF_UNIX, SOCK_SEQPACKET);
  const path = freshPath();
  listener.bind(path);
  listener.listen(1);
  const near = socket("near", AF_UNIX, SOCK_SEQPACKET);
  await near.connect(path);
  const far = await listener.accept();
  listener.close();
  return [near, far];
}

/** What the same receive gives on a handle. */
async function outcomeOf({ kind, peek, first, event }: Case): Promise<string | number> {
  const [near, far] = await pairOf(kind);
  if (event === "time") far.setsockopt(SO_RCVTIMEO, 30);
  if (first !== "") await near.send(first);
  let over = false;
  const waiting = far.recv(10, MSG_WAITALL | (peek ? MSG_PEEK : 0)).finally(() => (over = true));
  const outcome = waiting.then(String, (error: NodeJS.ErrnoException) => error.errno ?? 0);
  for (let turns = 0; turns < 20 && !over; turns++) await turn();
  if (event === "more") await near.send("efghijklmn");
  else if (event === "close") near.close();
  else if (event === "shutdown") near.shutdown(SHUT_WR);
  else if (event === "reset") {
    near.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    near.close();
  } else if (event === "shut receiving") far.shutdown(SHUT_RD);
  else if (event === "urgent") {
    await near.send("!", MSG_OOB);
    for (let turns = 0; turns < 20 && !over; turns++) await turn();
    if (!over) await near.send("efghijklmn");
  }
  const value = await outcome;
  for (const end of [near, far]) end.close();
  return value;
}

describe("MSG_WAITALL on a handle gives what a blocking socket gives (recv(2))", () => {
  let answers: Promise<unknown[]> | undefined;
  const answer = async (at: number): Promise<unknown> => {
    answers ??= run("python3", ["-c", PYTHON, JSON.stringify(CASES)]).then(({ stdout, stderr }) => {
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as unknown[];
    });
    return (await answers)[at];
  };
  const named = CASES.map((one, at) => {
    const { kind, peek, first, event } = one;
    return [
      `${kind}, ${peek ? "MSG_PEEK too, " : ""}${first === "" ? "nothing" : "some"} there, then ${event}`,
      one,
      at,
    ] as const;
  });
  test.for(named)("%s", async ([, one, at]) => {
    expect(await outcomeOf(one)).toBe(await answer(at));
  });
});
