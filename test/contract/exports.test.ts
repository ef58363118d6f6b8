import { createRequire } from "node:module";
import { OPTIONS } from "kernel-helpers/dist/facts/index.js";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, complaints } from "./program.js";
import { publicFace } from "./public-face.js";

const require = createRequire(import.meta.url);
const words = (text: string): string[] => text.trim().split(/\s+/);

/** What a learner can import, beside the constants. */
const FUNCTIONS = words(`
  attempt choosePort closeAll datagrams handles loseDatagrams loseSegments otherProcess serve socket trace calls
  htonl htons ntohl ntohs hexdump
  addressBytes every ladder livePlot panel plot sockets states check inOrder
`);
const ADDRESSES = words("ANY ANY6 LOOPBACK LOOPBACK6");
const ERRORS = words("BusyError ClosedError EndError InterruptedError ProcessError SocketError TimeoutError");
const CONSTANTS = words(`
  AF_UNSPEC AF_UNIX AF_INET AF_INET6
  SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOCK_NONBLOCK SOCK_CLOEXEC
  IPPROTO_IP IPPROTO_TCP IPPROTO_UDP IPPROTO_IPV6 SOL_SOCKET
  SHUT_RD SHUT_WR SHUT_RDWR
  MSG_OOB MSG_PEEK MSG_TRUNC MSG_DONTWAIT MSG_ERRQUEUE MSG_CTRUNC MSG_WAITALL MSG_NOSIGNAL
  POLLIN POLLOUT POLLERR POLLHUP POLLRDHUP
  EPOLLIN EPOLLOUT EPOLL_CTL_ADD EPOLL_CTL_MOD EPOLL_CTL_DEL
  F_GETFD F_SETFD F_GETFL F_SETFL FD_CLOEXEC O_NONBLOCK
  SOMAXCONN
`);
const CALLS = words(`
  accept bind close connect dup epoll_create1 epoll_ctl epoll_wait fcntl getpeername getsockname getsockopt
  listen poll recv recvfrom recvmsg send sendmsg sendto setsockopt shutdown socket socketpair
`);
const TYPES = words(`
  AwaitedMethods Axis Call CallName CallRecord ControlMessage ControlToSend Credentials Data Datagram EndPoint EpollEvent Failure Handle
  Ipv4Membership Ipv6Membership LadderOptions LingerValue LivePlot MadeCall Message MessageToSend Mode NamedCall NetworkChoice
  OnConversation OptionInput OptionKind OptionNumber OtherProcess Outcome PacketInfo PlotSpec PollEntry ProcessHandle ProcessOptions ProcessServer QueuedError RawControl
  Sample Series ServeOptions Server ServerState SocketAddress SocketOption SocketOptions Step TcpInfo WaitError WaitOptions
`);
const HANDLE = words(`
  name fd closed bind listen accept connect send sendAll recv recvExactly sendto recvfrom sendmsg recvmsg shutdown close
  getsockname getpeername getsockopt setsockopt toString
`);

const VALUES = [...FUNCTIONS, ...ADDRESSES, ...ERRORS, ...CONSTANTS, ...OPTIONS.map(({ name }) => name)];

test("the package exports what is documented, and nothing else", () => {
  const exported = require("kernel-helpers") as Record<string, unknown>;
  expect(Object.keys(exported).sort()).toEqual([...VALUES].sort());
  expect(Object.keys(exported.calls as object).sort()).toEqual([...CALLS].sort());
  for (const name of [...FUNCTIONS, ...ERRORS]) {
    if (name !== "trace" && name !== "calls") expect(exported[name], name).toBeTypeOf("function");
  }
});

const PROCESS_HANDLE = words(`
  name fd pid closed bind listen accept connect send sendAll recv recvExactly sendto recvfrom sendmsg recvmsg shutdown close
  getsockname getpeername getsockopt setsockopt toString
`);
const OTHER_PROCESS = words("name pid running socket serve stop kill toString");

/** The cells of the learner's first notebook, and everything else that a handle can do. */
const LEARNER = `
import { socket, choosePort, AF_INET, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, LOOPBACK, SHUT_WR, MSG_PEEK } from "kernel-helpers";
import { attempt, calls, closeAll, handles, hexdump, htons, trace, SocketError, TimeoutError } from "kernel-helpers";
import { MSG_ERRQUEUE, SO_PEERCRED, SO_RCVBUF, SO_LINGER, TCP_INFO, SO_REUSEADDR, TCP_CONGESTION } from "kernel-helpers";
import { every, livePlot, loseDatagrams, loseSegments, otherProcess } from "kernel-helpers";
import type { ControlMessage, Datagram, EndPoint, Handle, Message, OtherProcess } from "kernel-helpers";
import type { ProcessHandle, SocketOption, WaitOptions } from "kernel-helpers";

async function connection(): Promise<void> {
  const PORT: number = choosePort();
  const server: Handle = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, PORT);
  server.listen(5);
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, PORT, { timeout: 500, signal: new AbortController().signal });
  const conversation: Handle = await server.accept();
  const count: number = await client.send("hello");
  const data: Buffer = await conversation.recv(1024, MSG_PEEK);
  await conversation.sendAll(Buffer.from("x"), { timeout: Infinity });
  conversation.shutdown(SHUT_WR);
  for await (const part of client) { const piece: Buffer = part; piece.byteLength + count + data.byteLength; }
  client.close(); conversation.close(); server.close();
}

async function datagrams(): Promise<void> {
  const unix = socket("unix", AF_UNIX, SOCK_DGRAM);
  unix.bind("/tmp/path");
  const { data, from, truncated }: Datagram = await unix.recvfrom();
  const end: EndPoint = from;
  await unix.sendto(data, end.address);
  if (truncated) throw new TimeoutError("recvfrom(3)", "unix", "was cut", "Ask for more.");
}

async function messages(unix: Handle): Promise<void> {
  await unix.sendmsg({ data: "x", address: LOOPBACK, port: 9, control: [{ name: "IP_PKTINFO", local: LOOPBACK }] });
  const { data, control, flags, truncated }: Message = await unix.recvmsg(10, MSG_ERRQUEUE);
  const told: ControlMessage | undefined = control[0];
  const { pid }: { pid: number } = unix.getsockopt(SO_PEERCRED);
  const header: Buffer = await unix.recvExactly(4);
  console.log(told?.name, data.byteLength + flags + Number(truncated) + pid + header.byteLength);
}

function options(handle: Handle): void {
  const size: number = handle.getsockopt(SO_RCVBUF);
  handle.setsockopt(SO_RCVBUF, size * 2);
  handle.setsockopt(SO_REUSEADDR, true);
  handle.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  const { onoff }: { onoff: boolean } = handle.getsockopt(SO_LINGER);
  const state: string = handle.getsockopt(TCP_INFO).state;
  const algorithm: string = handle.getsockopt(TCP_CONGESTION);
  const some: SocketOption<number> = SO_RCVBUF;
  htons(80) + Number(onoff) + state.length + algorithm.length + some.number;
}

async function errors(rival: Handle, waiting: WaitOptions): Promise<void> {
  const error = attempt(() => rival.bind(LOOPBACK, 80));
  if (error instanceof SocketError) console.log(error.code, error.errno + 1, error.syscall, error.address, error.port);
  const late: Buffer | Error = await attempt(() => rival.recv(10, 0, waiting));
  hexdump(Buffer.alloc(4)).length + (late instanceof Error ? 0 : late.byteLength);
}

async function elsewhere(): Promise<void> {
  const rival: OtherProcess = await otherProcess("rival");
  const taken: ProcessHandle = await rival.socket("taken", AF_INET, SOCK_STREAM);
  await taken.bind(LOOPBACK, 0);
  await taken.listen(5);
  const { port }: EndPoint = await taken.getsockname();
  const conversation: ProcessHandle = await taken.accept({ timeout: 500 });
  const data: Buffer = await conversation.recv(1024);
  const size: number = await taken.getsockopt(SO_RCVBUF);
  const error = await attempt(() => taken.bind(LOOPBACK, port));
  if (error instanceof SocketError) console.log(error.code, data, size, rival.pid, taken.fd);
  await rival.kill("SIGSTOP");
  await rival.stop();
  const postcards = socket("postcards", AF_INET, SOCK_DGRAM);
  loseDatagrams(postcards, 0.1);
  const lab: OtherProcess = await otherProcess("lab", { network: "own" });
  await loseSegments(await lab.socket("tube", AF_INET, SOCK_STREAM), 0.1);
  const points: [number, number][] = [];
  const chart = livePlot({ title: "ages", x: { label: "n" }, dots: [{ name: "age", points }] });
  await trace.silently(() => every(20, 3, (n) => { points.push([n, n]); chart.update(); }, 5));
  chart.finish();
}

function below(): void {
  const fd: number = calls.socket(AF_INET, SOCK_STREAM, 0);
  calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port: 0 });
  const { fd: accepted, address } = calls.accept(fd);
  if (address?.family === "AF_INET") console.log(address.port + accepted);
  calls.close(fd);
  trace.exact(); trace.short(); trace.off(); trace.steps()[0]?.name; handles(); closeAll();
}
console.log(connection, datagrams, messages, options, errors, elsewhere, below);
`;

/** Each line alone must be refused by the compiler: the learner hears of it before anything runs. */
const REFUSED = [
  'handle.bind("127.0.0.1", "80");',
  "handle.bind(80);",
  'handle.listen("5");',
  'handle.connect("127.0.0.1", 80, 5000);',
  "handle.accept({ timeout: '5' });",
  "handle.send(5);",
  'handle.recv("5");',
  'handle.setsockopt(SO_RCVBUF, "5000");',
  "handle.setsockopt(SO_LINGER, 5);",
  "handle.fd = 5;",
  "const name: string = handle.getsockopt(SO_RCVBUF);",
  'socket("server", AF_INET);',
  "new Handle();",
];

describe("under the TypeScript of the notebooks", () => {
  let program: ReturnType<typeof compile>;
  beforeAll(() => {
    program = compile(LEARNER);
  });

  test("the declarations and a learner's program have no error", () => {
    expect(complaints(program)).toEqual([]);
  });

  test("the types are exported too", () => {
    const all = publicFace(program);
    const types = all.filter(({ name, kind }) => kind === "type" && !VALUES.includes(name)).map(({ name }) => name);
    expect(types.sort()).toEqual([...TYPES].sort());
    for (const [type, expected] of Object.entries({
      Handle: HANDLE,
      ProcessHandle: PROCESS_HANDLE,
      OtherProcess: OTHER_PROCESS,
    })) {
      const members = all.flatMap(({ name }) => new RegExp(`^${type}\\.([a-z]\\w*)$`, "i").exec(name)?.[1] ?? []);
      expect(members.sort(), type).toEqual([...expected].sort());
    }
  });

  test("what is wrong is refused", () => {
    const imports = 'import { socket, AF_INET, SO_RCVBUF, SO_LINGER, type Handle } from "kernel-helpers";';
    const lines = REFUSED.map((line) => `(handle: Handle) => { ${line} };`);
    const found = complaints(compile([imports, ...lines].join("\n")));
    const refused = new Set(found.map((text) => Number(/^cell\.ts:(\d+) /.exec(text)?.[1])));
    expect([...refused].sort((a, b) => a - b)).toEqual(REFUSED.map((_, index) => index + 2));
  });
});
