import { inspect } from "node:util";
import { ADVICE } from "kernel-helpers/dist/errors/advice-table.js";
import {
  adviceFor,
  BusyError,
  block,
  ClosedError,
  folded,
  InterruptedError,
  indented,
  lane,
  markExplained,
  SocketError,
  ThreadError,
  TimeoutError,
} from "kernel-helpers/dist/errors/index.js";
import { errno } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

const failure = { syscall: "bind", code: "EADDRINUSE", call: "bind(24, 127.0.0.1:20733)", fd: 24, handle: "rival" };

describe("a line of the trace", () => {
  const whole = (text: string) => text.replace(/\n {16}/g, " ");

  test("breaks between words, and goes on under its call", () => {
    const refused = "early         connect(22, 127.0.0.1:20733) = -1 ECONNREFUSED (Connection refused)";
    expect(folded(refused).split("\n")).toEqual([
      "early         connect(22, 127.0.0.1:20733) = -1 ECONNREFUSED",
      "                (Connection refused)",
    ]);
    expect(folded(refused.slice(0, 66))).toBe(refused.slice(0, 66));
  });

  test.each([
    `second        socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 24`,
    `a handle with a very long name that fills its line by itself      close(3) = 0`,
    `              socket(AF_INET, SOCK_STREAM) = -1 EMFILE (Too many open files, says the system)`,
    `client        sendto(22, "two  spaces,   three,    and more in what was sent", 40, MSG_NOSIGNAL, NULL, 0) = 40`,
  ])("loses nothing: %s", (line) => {
    const lines = folded(line).split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(1).every((text) => text.startsWith(" ".repeat(16)))).toBe(true);
    expect(lines.every((text) => [...text].length <= 66)).toBe(true);
    expect(whole(folded(line))).toBe(line);
  });

  test("stays beside its handle though it has no place to break", () => {
    const sent = `client        send(22,"${"x".repeat(80)}")`;
    expect(folded(sent)).toBe(sent);
  });
});

describe("SocketError", () => {
  const error = new SocketError({ ...failure, address: "127.0.0.1", port: 20733 });

  test("has Node's fields, with errno positive as in C", () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "SocketError",
      code: "EADDRINUSE",
      errno: 98,
      syscall: "bind",
      address: "127.0.0.1",
      port: 20733,
      fd: 24,
      handle: "rival",
    });
  });

  test("its message names the call, the handle, the outcome, what to do and the page to read", () => {
    expect(error.message).toBe(
      'bind(24, 127.0.0.1:20733) on "rival" = -1 EADDRINUSE (Address already in use). The address and port are taken. Choose another port, or close the socket that has it. man 2 bind',
    );
  });

  test("is shown as a trace line and its explanation, without a stack", () => {
    expect(inspect(error).split("\n")).toEqual([
      "rival         bind(24, 127.0.0.1:20733) = -1 EADDRINUSE",
      "                (Address already in use)",
      "              The address and port are taken. Choose another port,",
      "              or close the socket that has it. man 2 bind",
    ]);
  });

  test.each([
    ...["getaddrinfo", "getnameinfo", "getifaddrs", "gethostbyname", "if_nametoindex", "if_indextoname", "inet_pton"],
    ...["inet_ntop", "inet_addr", "htons", "sockatmark", "perror"],
  ])("%s is libc's own: its page is in section 3", (syscall) => {
    const known = new SocketError({ syscall, code: "ENXIO", call: `${syscall}("eth9")` });
    expect([known.manual, known.explanation.at(-1)!.endsWith(` man 3 ${syscall}`)]).toEqual([`man 3 ${syscall}`, true]);
  });

  test("every call that leaves a record is a system call: its page is in section 2", () => {
    const calls = Object.keys(ADVICE).concat("dup", "epoll_create1", "epoll_wait", "eventfd", "fcntl", "poll", "ioctl");
    for (const syscall of calls)
      expect(new SocketError({ syscall, code: "EINVAL", call: syscall }).manual).toBe(`man 2 ${syscall}`);
  });

  test("says what a floor above has found out later", () => {
    const late = new SocketError(failure);
    late.advice = "First.\nSecond.";
    expect(late.message).toContain("in use). First. Second. man 2 bind");
    expect(late.explanation).toEqual(["First.", "Second. man 2 bind"]);
  });

  test("what is known of the socket makes its advice exact, but replaces none that was given to it", () => {
    const datagram = { family: "AF_INET", datagram: true, local: "127.0.0.1:9", peer: undefined };
    const refused = { syscall: "recv", code: "ECONNREFUSED", call: "recv(9, 10)" };
    const [general, given] = [new SocketError(refused), new SocketError(refused, "Of its own.")];
    // It stands in no declaration: learners have no use for it.
    for (const each of [general, given]) (each as unknown as { adviseFor(known: object): void }).adviseFor(datagram);
    expect(general.advice).toMatch(/^The answer to an earlier datagram came back/);
    expect(given.advice).toBe("Of its own.");
  });

  test("without handle and address it has neither field", () => {
    const bare = new SocketError({ syscall: "socket", code: "EMFILE", call: "socket(AF_INET, SOCK_STREAM)" });
    expect([bare.handle, bare.fd, bare.address, bare.port]).toEqual([undefined, undefined, undefined, undefined]);
    expect(bare.message).toMatch(/^socket\(AF_INET, SOCK_STREAM\) = -1 EMFILE \(/);
    expect(inspect(bare)).toMatch(/^ {14}socket\(/);
  });

  test("an errno without a name is shown as it is", () => {
    const odd = new SocketError({ ...failure, code: "errno 9999" });
    expect(odd.message).toContain("errno 9999");
    expect(odd.errno).toBe(0);
  });

  test("is one line once it was explained", () => {
    const told = new SocketError(failure);
    markExplained(told);
    expect(inspect(told)).toBe("SocketError: EADDRINUSE");
  });
});

describe("ClosedError", () => {
  const closed = { syscall: "recv", call: "recv(9)", fd: 9, handle: "client" };

  test("of a call that was not made, and of one that waited", () => {
    const before = new ClosedError(closed, "It was closed in cell 5.");
    expect(before).toBeInstanceOf(SocketError);
    expect(before).toMatchObject({ name: "ClosedError", code: "EBADF", errno: 9, waited: false });
    expect(before.message).toBe(
      'recv(9) on "client" was not made: the handle is closed. It was closed in cell 5. man 2 close',
    );
    const during = new ClosedError(closed, "It was closed in cell 5.", true);
    expect(during.message).toBe(
      'recv(9) on "client" ended: the handle was closed. It was closed in cell 5. man 2 close',
    );
    expect(inspect(during)).toBe(
      "client        recv(9) ended: the handle was closed\n              It was closed in cell 5. man 2 close",
    );
  });
});

describe("errors of waits", () => {
  test.each([
    [TimeoutError, "TimeoutError", "ERR_WAIT_TIMEOUT"],
    [InterruptedError, "InterruptedError", "ERR_WAIT_INTERRUPTED"],
    [BusyError, "BusyError", "ERR_HANDLE_BUSY"],
  ] as const)("%o", (Kind, name, code) => {
    const error = new Kind("accept(21)", "server", "waited 10 s", "Run the client.");
    expect(error).toMatchObject({ name, code, call: "accept(21)", handle: "server" });
    expect(error.message).toBe("accept(21) waited 10 s. Run the client.");
    expect(inspect(error)).toBe(`server        accept(21) waited 10 s\n              Run the client.`);
  });

  test("ThreadError", () => {
    expect(new ThreadError("it was killed")).toMatchObject({ name: "ThreadError", code: "ERR_WAIT_THREAD" });
    expect(new ThreadError("it was killed").message).toContain("it was killed");
  });
});

test("every errno has an advice for every call, never an empty one", () => {
  for (const code of Object.keys(errno)) {
    for (const call of ["socket", "bind", "connect", "recv", "close"]) expect(adviceFor(call, code)).toMatch(/\.$/);
  }
  expect(adviceFor("connect", "ECONNREFUSED")).not.toBe(adviceFor("recv", "ECONNREFUSED"));
});

test("an explanation breaks between words, at 92 columns; a word that is longer stays whole", () => {
  const text = indented(`${"word ".repeat(40)}${"x".repeat(100)} end`);
  const lines = text.split("\n");
  expect(lines.slice(0, -2).every((line) => line.startsWith(" ".repeat(14)) && line.length <= 92)).toBe(true);
  expect(lines.at(-2)!.trim()).toBe("x".repeat(100));
  expect(text.replace(/\s+/g, " ").trim()).toBe(`${"word ".repeat(40)}${"x".repeat(100)} end`);
});

test("lanes are 14 wide, counted in characters as they are seen; longer names keep two spaces", () => {
  expect(lane("server→1")).toBe("server→1      ");
  expect(lane("")).toBe(" ".repeat(14));
  expect(lane("exactly 14 let")).toBe("exactly 14 let  ");
  expect(lane("🧪")).toBe(`🧪${" ".repeat(13)}`);
  expect(block("line", "a", ["one", "two"])).toBe(`a${" ".repeat(13)}line\n${" ".repeat(14)}one\n${" ".repeat(14)}two`);
});

describe("advice on IPv6 names no IPv4 address for an IPv6 socket", () => {
  const advice = (syscall: string, code: string, named: { call?: string; address?: string; family?: string }) =>
    new SocketError({ syscall, code, call: `${syscall}()`, ...named }).advice;

  test("::1 is missing where IPv6 is switched off, for bind and for connect", () => {
    for (const call of ["bind", "sendto"])
      expect(advice(call, "EADDRNOTAVAIL", { address: "::1" })).toMatch(/: IPv6 is switched off here, .*AF_INET and/);
    // Without a free port it says the same.
    expect(advice("connect", "EADDRNOTAVAIL", { address: "::1" })).toMatch(
      /IPv6 is switched off here .*, or no local port/,
    );
  });

  test("another machine's address", () => {
    expect(advice("bind", "EADDRNOTAVAIL", { address: "2001:db8::1", family: "AF_INET6" })).toMatch(/Use ::1 or ::\.$/);
    expect(advice("bind", "EADDRNOTAVAIL", { address: "203.0.113.9" })).toMatch(/Use 127\.0\.0\.1 or 0\.0\.0\.0\.$/);
    expect(advice("connect", "EADDRNOTAVAIL", { address: "2001:db8::1", family: "AF_INET6" })).toContain(
      "no IPv6 address to connect from",
    );
  });

  test("a system that does not know the family", () => {
    expect(advice("socket", "EAFNOSUPPORT", { call: "socket(AF_INET6, SOCK_STREAM)" })).toContain("does not know IPv6");
    expect(advice("socket", "EAFNOSUPPORT", { call: "socket(1234, SOCK_STREAM)" })).not.toContain("IPv6");
  });
});
