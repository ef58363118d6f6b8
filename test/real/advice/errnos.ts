import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ANY,
  calls,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLIN,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPPROTO_TCP,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_V6ONLY,
  LOOPBACK,
  LOOPBACK6,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  POLLIN,
  POLLOUT,
  SHUT_RDWR,
  SHUT_WR,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_ERROR,
  SO_LINGER,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from "kernel-helpers";
import { expect } from "vitest";
import { withFaults } from "../../support/faults.js";
import { freshPath, KINDS, placeOf } from "../../support/kinds.js";
import { failureOf, rejectionOf } from "../../support/outcome.js";
import { connected, datagram, deadPort, listening, rawPair, streamPair, urgentToCome } from "../../support/pairs.js";
import { compileRefusal } from "../../support/refusal.js";
import type { Entry } from "./entry.js";
import { until } from "./entry.js";
import { runProgram } from "./unprivileged.js";

/*
 * What is said of an errno: one entry for every line of errors/advice-table.ts. Each makes the errno with real sockets, and then does
 * what the sentence says, or looks whether it is so.
 */

const UNIX = KINDS.AF_UNIX!;
const stream = (family = AF_INET) => calls.socket(family, SOCK_STREAM | SOCK_NONBLOCK);
const dgram = (family = AF_INET) => calls.socket(family, SOCK_DGRAM | SOCK_NONBLOCK);
const inet = (address: string, port: number) => ({ family: "AF_INET", address, port }) as const;
const inet6 = (address: string, port: number, scopeId = 0) =>
  ({ family: "AF_INET6", address, port, flowinfo: 0, scopeId }) as const;
const unix = (path: string) => ({ family: "AF_UNIX", path }) as const;

/** The words of an action that must fail. */
const said = (action: () => unknown): string => failureOf(action).message;
const saidLater = async (action: () => Promise<unknown>): Promise<string> => (await rejectionOf(action)).message;

/** Closes descriptors of the test when it is over. */
function closing<T>(fds: number[], action: () => T): T {
  try {
    return action();
  } finally {
    for (const fd of fds) calls.close(fd);
  }
}

/** A call on a new descriptor that must fail, and one on the same descriptor that must not. */
function onNew(fd: number, fails: (fd: number) => unknown, works?: (fd: number) => unknown): string {
  return closing([fd], () => {
    const text = said(() => fails(fd));
    works?.(fd);
    return text;
  });
}

const errnoEntries: Entry[] = [];
const entry = (says: string | string[], make: Entry["make"]) =>
  errnoEntries.push({ says: typeof says === "string" ? [says] : says, make });

// socket(2)

entry("socket EAFNOSUPPORT otherwise", () => {
  calls.close(calls.socket(AF_INET, SOCK_STREAM));
  return said(() => calls.socket(99, SOCK_STREAM));
});
entry("socket EAFNOSUPPORT ipv6", () => {
  const program = `${freshPath()}-refuse`;
  compileRefusal(program, { call: "socket", answer: "EAFNOSUPPORT", where: [0, "AF_INET6"] });
  return runProgram(
    [program],
    `await fails(() => socket("six", k.AF_INET6, k.SOCK_STREAM)); socket("four", k.AF_INET, k.SOCK_STREAM);`,
  );
});
entry("socket EINVAL", () => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) calls.close(calls.socket(AF_INET, type));
  return said(() => calls.socket(AF_INET, 100)) + said(() => calls.socket(AF_INET, SOCK_STREAM, 300));
});
entry("socket ESOCKTNOSUPPORT", () => said(() => calls.socket(AF_INET, 9)));
entry("socket EPROTONOSUPPORT otherwise", () => {
  for (const protocol of [0, IPPROTO_TCP]) calls.close(calls.socket(AF_INET, SOCK_STREAM, protocol));
  return said(() => calls.socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
});
entry("socket EPROTONOSUPPORT rawOfNone", () =>
  runProgram(
    "ownNetwork",
    `await fails(() => socket("raw", k.AF_INET, k.SOCK_RAW)); await fails(() => calls.socket(k.AF_INET6, k.SOCK_RAW));
     calls.socket(k.AF_INET, k.SOCK_RAW, k.IPPROTO_UDP); calls.socket(k.AF_INET6, k.SOCK_RAW, k.IPPROTO_UDP);`,
  ),
);
entry("socket EPERM raw", () =>
  runProgram(
    "unprivileged",
    `await fails(() => calls.socket(k.AF_INET, 3, 255)); calls.socket(k.AF_INET, k.SOCK_STREAM);`,
  ),
);
entry(["socket EMFILE", "socketpair EMFILE", "accept EMFILE"], () =>
  runProgram(
    "fewDescriptors",
    `const server = socket("server", k.AF_INET, k.SOCK_STREAM); server.bind(k.LOOPBACK, 0); server.listen();
     const client = socket("client", k.AF_INET, k.SOCK_STREAM); await client.connect(k.LOOPBACK, server.getsockname().port);
     let count = 0; const fill = () => { for (;;) socket("full " + count++, k.AF_INET, k.SOCK_DGRAM); };
     same((await fails(fill)).code, "EMFILE");
     await fails(() => calls.socketpair(k.AF_UNIX, k.SOCK_STREAM));
     await fails(() => server.accept());
     k.trace.off(); for (let i = 0; i < 5; i++) { const old = socket("full " + i, k.AF_INET, k.SOCK_DGRAM); old.close(); }
     same((await server.accept()).getpeername().port, client.getsockname().port);
     k.closeAll(); calls.socket(k.AF_INET, k.SOCK_STREAM);`,
  ),
);
// The whole system's descriptors are not to be used up: the errno is put in the place of the call's own.
entry(["socket ENFILE", "socketpair ENFILE", "accept ENFILE"], async () => {
  const { server } = listening();
  let text = "";
  await withFaults("socket", [23], () => (text += said(() => calls.socket(AF_INET, SOCK_STREAM))));
  await withFaults("socketpair", [23], () => (text += said(() => calls.socketpair(AF_UNIX, SOCK_STREAM))));
  await withFaults("accept4", [23], () => (text += said(() => calls.accept(server.fd))));
  return text;
});
entry("socketpair EOPNOTSUPP", () => {
  closing(calls.socketpair(AF_UNIX, SOCK_STREAM), () => {});
  return said(() => calls.socketpair(AF_INET, SOCK_STREAM));
});

// bind(2)

entry("bind EADDRINUSE otherwise", () => {
  const [first, second] = [stream(), stream()];
  return closing([second], () => {
    calls.bind(first, inet(LOOPBACK, 0));
    const taken = calls.getsockname(first)!;
    const text = said(() => calls.bind(second, taken));
    calls.close(first);
    calls.bind(second, taken);
    return text;
  });
});
entry("bind EADDRINUSE unix", () => {
  const path = freshPath();
  writeFileSync(path, "a file of somebody's");
  return onNew(
    stream(AF_UNIX),
    (fd) => calls.bind(fd, unix(path)),
    (fd) => {
      rmSync(path);
      calls.bind(fd, unix(path));
    },
  );
});
entry("bind EADDRINUSE abstract", () => {
  const name = `\0${freshPath()}`;
  const first = stream(AF_UNIX);
  calls.bind(first, unix(name));
  return onNew(
    stream(AF_UNIX),
    (fd) => calls.bind(fd, unix(name)),
    (fd) => {
      calls.close(first);
      calls.bind(fd, unix(name));
    },
  );
});
entry(["bind EADDRINUSE port0", "listen EADDRINUSE"], () =>
  runProgram(
    "twoPorts",
    `const [a, b, c] = ["a", "b", "c"].map((name) => socket(name, k.AF_INET, k.SOCK_STREAM));
     for (const each of [a, b]) { each.bind("0.0.0.0", 0); each.listen(); }
     same((await fails(() => c.bind("0.0.0.0", 0))).code, "EADDRINUSE");
     same((await fails(() => socket("d", k.AF_INET, k.SOCK_STREAM).listen())).code, "EADDRINUSE");
     socket("e", k.AF_INET, k.SOCK_STREAM).bind("0.0.0.0", 20000);
     a.close(); socket("f", k.AF_INET, k.SOCK_STREAM).bind("0.0.0.0", 0);`,
  ),
);
entry("bind EADDRNOTAVAIL otherwise", () => {
  for (const address of [LOOPBACK, ANY]) socket("server", AF_INET, SOCK_STREAM).bind(address, 0);
  return said(() => socket("other", AF_INET, SOCK_STREAM).bind("203.0.113.9", 0));
});
entry("bind EADDRNOTAVAIL ipv6", () => {
  for (const address of [LOOPBACK6, "::"]) socket("server", AF_INET6, SOCK_STREAM).bind(address, 0);
  return said(() => socket("other", AF_INET6, SOCK_STREAM).bind("2001:db8::9", 0));
});
entry(
  [
    ...["bind EADDRNOTAVAIL loopback6", "connect EADDRNOTAVAIL loopback6", "connect EADDRNOTAVAIL ipv6"],
    ...["sendto EADDRNOTAVAIL loopback6", "sendto EADDRNOTAVAIL ipv6"],
    ...["sendmsg EADDRNOTAVAIL loopback6", "sendmsg EADDRNOTAVAIL ipv6"],
  ],
  () =>
    runProgram(
      "withoutIPv6",
      `const six = (type) => socket("six", k.AF_INET6, type);
       await fails(() => six(k.SOCK_STREAM).bind("::1", 0));
       await fails(() => six(k.SOCK_STREAM).connect("::1", 80));
       await fails(() => six(k.SOCK_STREAM).connect("2001:db8::1", 80));
       await fails(() => six(k.SOCK_DGRAM).sendto("x", "::1", 80));
       await fails(() => six(k.SOCK_DGRAM).sendto("x", "2001:db8::1", 80));
       await fails(() => six(k.SOCK_DGRAM).sendmsg({ data: "x", address: "::1", port: 80 }));
       await fails(() => six(k.SOCK_DGRAM).sendmsg({ data: "x", address: "2001:db8::1", port: 80 }));
       socket("four", k.AF_INET, k.SOCK_STREAM).bind("127.0.0.1", 0);`,
    ),
);
entry("bind EACCES internet", () =>
  runProgram(
    "unprivileged",
    `const server = socket("server", k.AF_INET, k.SOCK_STREAM); await fails(() => server.bind("127.0.0.1", 1));
     server.bind("127.0.0.1", k.choosePort());`,
  ),
);
entry(["bind EACCES unix", "connect EACCES unix", "sendto EACCES unix", "sendmsg EACCES unix"], async () => {
  const folder = join(dirname(freshPath()), "closed");
  mkdirSync(folder);
  const server = socket("server", AF_UNIX, SOCK_STREAM);
  server.bind(join(folder, "stream"));
  server.listen();
  const receiver = socket("receiver", AF_UNIX, SOCK_DGRAM);
  receiver.bind(join(folder, "datagrams"));
  for (const name of ["stream", "datagrams"]) chmodSync(join(folder, name), 0o444);
  chmodSync(folder, 0o555);
  const text = runProgram(
    "unprivileged",
    `const folder = ${JSON.stringify(folder)};
     const server = socket("server", k.AF_UNIX, k.SOCK_STREAM); await fails(() => server.bind(folder + "/new"));
     await fails(() => socket("client", k.AF_UNIX, k.SOCK_STREAM).connect(folder + "/stream"));
     await fails(() => socket("sender", k.AF_UNIX, k.SOCK_DGRAM).sendto("x", folder + "/datagrams"));
     await fails(() => socket("sender", k.AF_UNIX, k.SOCK_DGRAM).sendmsg({ data: "x", address: folder + "/datagrams" }));
     const own = fs.mkdtempSync("/tmp/own-"); server.bind(own + "/new"); server.close(); fs.rmSync(own, { recursive: true });`,
  );
  chmodSync(join(folder, "stream"), 0o666);
  chmodSync(folder, 0o755);
  runProgram(
    "unprivileged",
    `await socket("client", k.AF_UNIX, k.SOCK_STREAM).connect(${JSON.stringify(folder)} + "/stream");`,
  );
  return text;
});
entry("bind EPERM unix", () => {
  const folder = freshPath();
  mkdirSync(folder);
  // Everybody may write there, and nothing but queues of messages can be made: below /sys only root comes so far as to hear EPERM.
  const queues = `mount -t mqueue none "$0" && exec "$@"`;
  return runProgram(
    ["unshare", "--user", "--map-root-user", "--ipc", "--mount", "sh", "-c", queues, folder],
    `const server = socket("server", k.AF_UNIX, k.SOCK_STREAM); await fails(() => server.bind(${JSON.stringify(folder)} + "/x"));
     const own = fs.mkdtempSync("/tmp/own-"); server.bind(own + "/new"); server.close(); fs.rmSync(own, { recursive: true });`,
  );
});
entry("bind ENOENT unix", () => {
  const folder = `${freshPath()}-later`;
  return onNew(
    stream(AF_UNIX),
    (fd) => calls.bind(fd, unix(`${folder}/server`)),
    (fd) => {
      mkdirSync(folder);
      calls.bind(fd, unix(`${folder}/server`));
    },
  );
});
entry("bind ENOTDIR unix", () => {
  const file = freshPath();
  writeFileSync(file, "");
  return onNew(
    stream(AF_UNIX),
    (fd) => calls.bind(fd, unix(`${file}/server`)),
    (fd) => calls.bind(fd, unix(freshPath())),
  );
});
entry("bind EROFS unix", () => {
  const folder = freshPath();
  mkdirSync(folder);
  const readOnly = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"`;
  return runProgram(
    ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", readOnly, folder],
    `const server = socket("server", k.AF_UNIX, k.SOCK_STREAM); await fails(() => server.bind(${JSON.stringify(folder)} + "/x"));
     const own = fs.mkdtempSync("/tmp/own-"); server.bind(own + "/new"); server.close(); fs.rmSync(own, { recursive: true });`,
  );
});
entry("bind EINVAL bound", () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  const text = said(() => server.bind(LOOPBACK, 0));
  socket("server", AF_INET, SOCK_STREAM).bind(LOOPBACK, 0);
  return text;
});
entry("bind EINVAL linkLocal", () => {
  const server = socket("server", AF_INET6, SOCK_STREAM);
  const text = said(() => server.bind("fe80::1", 0));
  // With a number it is looked for on that interface: here it is not there.
  expect(failureOf(() => server.bind("fe80::1%1", 0)).code).toBe("EADDRNOTAVAIL");
  return text;
});
entry("bind EINVAL otherwise", () => {
  const fd = stream();
  return closing([fd], () => {
    let text = said(() => calls.bind(fd, Buffer.from([2, 0, 0, 0])));
    text += onNew(stream(AF_INET6), (six) => calls.bind(six, inet(LOOPBACK, 0)));
    calls.bind(fd, inet(LOOPBACK, 0));
    return text + said(() => calls.bind(fd, inet(LOOPBACK, 0)));
  });
});
entry("bind ENODEV ipv6", () => said(() => socket("server", AF_INET6, SOCK_STREAM).bind("fe80::1%999999", 0)));
entry("bind EAFNOSUPPORT", () =>
  onNew(
    stream(),
    (fd) => calls.bind(fd, inet6(LOOPBACK6, 0)),
    (fd) => calls.bind(fd, inet(LOOPBACK, 0)),
  ),
);

// listen(2)

entry("listen EINVAL unixUnbound", () => {
  const server = socket("server", AF_UNIX, SOCK_STREAM);
  const text = said(() => server.listen());
  server.bind(freshPath());
  server.listen();
  return text;
});
entry("listen EINVAL connected", async () => {
  const { client } = await streamPair();
  const text = said(() => client.listen());
  socket("server", AF_INET, SOCK_STREAM).listen();
  return text;
});
entry("listen EINVAL otherwise", () => {
  const [client, server] = rawPair();
  return closing(
    [client, server],
    () => said(() => calls.listen(client, 1)) + onNew(stream(AF_UNIX), (fd) => calls.listen(fd, 1)),
  );
});
entry(["listen EOPNOTSUPP", "accept EOPNOTSUPP"], async () => {
  const { receiver, place } = datagram();
  const text = said(() => receiver.listen()) + (await saidLater(() => receiver.accept()));
  await socket("sender", AF_INET, SOCK_DGRAM).sendto("x", ...place);
  expect(`${(await receiver.recvfrom()).data}`).toBe("x");
  return text;
});

// accept(2)

entry("accept EINVAL stream", async () => {
  const { server } = listening();
  server.shutdown(SHUT_RDWR);
  const text = await saidLater(() => server.accept());
  server.listen();
  await connected(placeOf(server));
  await server.accept();
  return text;
});
entry("accept EINVAL otherwise", () => {
  const { server } = listening();
  return said(() => calls.accept(server.fd, 5)) + onNew(stream(), (fd) => calls.accept(fd));
});
entry("accept EAGAIN", () => {
  const { server } = listening();
  expect(calls.poll([{ fd: server.fd, events: POLLIN }], 0)).toMatchObject([{ revents: 0 }]);
  return said(() => calls.accept(server.fd));
});

// connect(2)

entry("connect ECONNREFUSED internet", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  const { port } = server.getsockname();
  const client = socket("client", AF_INET, SOCK_STREAM);
  const text = await saidLater(() => client.connect(LOOPBACK, port));
  server.listen();
  await client.connect(LOOPBACK, port);
  return text;
});
entry(["connect ECONNREFUSED unix", "sendto ECONNREFUSED unix"], async () => {
  const [closed, listens, file] = [freshPath(), freshPath(), freshPath()];
  writeFileSync(file, "");
  const fd = stream(AF_UNIX);
  calls.bind(fd, unix(closed));
  calls.close(fd);
  const unready = stream(AF_UNIX);
  calls.bind(unready, unix(listens));
  return closing([unready], () => {
    let text = "";
    for (const path of [closed, listens, file, "\0nobody has this name"]) {
      text += onNew(stream(AF_UNIX), (client) => calls.connect(client, unix(path)));
    }
    text += onNew(dgram(AF_UNIX), (sender) => calls.sendto(sender, "x", unix(closed)));
    calls.listen(unready, 1);
    const client = stream(AF_UNIX);
    closing([client], () => calls.connect(client, unix(listens)));
    return text;
  });
});
entry(
  ["connect", "sendto", "sendmsg"].map((call) => `${call} ECONNREFUSED abstract`),
  () => {
    // Never bound, closed, does not listen, of another type: nothing that a file has to do with.
    const [never, closed, taken] = ["never", "closed", "taken"].map((word) => `\0${freshPath()} ${word}`) as [
      string,
      string,
      string,
    ];
    const fd = stream(AF_UNIX);
    calls.bind(fd, unix(closed));
    calls.close(fd);
    const unready = stream(AF_UNIX);
    calls.bind(unready, unix(taken));
    return closing([unready], () => {
      let text = "";
      for (const path of [never, closed, taken]) {
        text += onNew(stream(AF_UNIX), (client) => calls.connect(client, unix(path)));
        text += onNew(dgram(AF_UNIX), (sender) => calls.sendto(sender, "x", unix(path)));
        text += onNew(dgram(AF_UNIX), (sender) => calls.sendmsg(sender, { data: "x", address: unix(path) }));
      }
      expect(text).not.toMatch(/file|path/);
      calls.listen(unready, 1);
      const client = stream(AF_UNIX);
      closing([client], () => calls.connect(client, unix(taken)));
      return text;
    });
  },
);
entry("connect EISCONN", async () => {
  const { place, server } = listening();
  const client = await connected(place);
  const text = (await saidLater(() => client.connect(...place))) + (await saidLater(() => server.connect(...place)));
  await connected(place, undefined, "second");
  return text;
});
entry(["connect EINPROGRESS", "connect EALREADY"], async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place);
  const [first, second] = [stream(), stream()];
  return closing([first, second], () => {
    const address = inet(LOOPBACK, place[1]!);
    const text = said(() => calls.connect(first, address)) + said(() => calls.connect(second, address));
    const all = text + said(() => calls.connect(first, address)) + said(() => calls.connect(second, address));
    server.close();
    return all;
  });
});
entry(
  ["connect ENETUNREACH otherwise", "connect ENETUNREACH datagram", "sendto ENETUNREACH", "sendmsg ENETUNREACH"],
  async () => {
    const text = runProgram(
      "ownNetwork",
      `same(fs.readFileSync("/proc/net/route", "utf8").trim().split("\\n").length, 1);
     await fails(() => socket("client", k.AF_INET, k.SOCK_STREAM).connect("203.0.113.9", 80));
     await fails(() => socket("sender", k.AF_INET, k.SOCK_DGRAM).connect("203.0.113.9", 80));
     await fails(() => socket("sender", k.AF_INET, k.SOCK_DGRAM).sendto("x", "203.0.113.9", 80));
     await fails(() => socket("sender", k.AF_INET, k.SOCK_DGRAM).sendmsg({ data: "x", address: "203.0.113.9", port: 80 }));`,
    );
    return text + (await saidLater(() => socket("client", AF_INET, SOCK_STREAM).connect("127.255.255.255", 9)));
  },
);
entry("connect ETIMEDOUT", async () => {
  const { place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const client = socket("client", AF_INET, SOCK_STREAM);
  client.setsockopt(TCP_USER_TIMEOUT, 100);
  return saidLater(() => client.connect(...place));
});
entry("connect EAGAIN unix", async () => {
  const { server, place } = listening(UNIX, 0);
  await connected(place, UNIX, "in the queue");
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  const text = await saidLater(() => client.connect(place[0]));
  await server.accept();
  await client.connect(place[0]);
  return text;
});
entry("connect EAGAIN internet", () =>
  runProgram(
    "twoPorts",
    `const taken = ["a", "b"].map((name) => { const handle = socket(name, k.AF_INET, k.SOCK_DGRAM); handle.bind("0.0.0.0", 0); return handle; });
     const sender = socket("sender", k.AF_INET, k.SOCK_DGRAM);
     await fails(() => sender.connect(k.LOOPBACK, 9)); await fails(() => calls.connect(sender.fd, inet(k.LOOPBACK, 9)));
     const bound = socket("bound", k.AF_INET, k.SOCK_DGRAM); bound.bind(k.LOOPBACK, 20000); await bound.connect(k.LOOPBACK, 9);
     taken[0].close(); await sender.connect(k.LOOPBACK, 9);`,
  ),
);
entry("connect ECONNABORTED", async () => {
  const client = socket("client", AF_INET, SOCK_STREAM);
  const connecting = client.connect(LOOPBACK, deadPort());
  expect(client.getsockopt(SO_ERROR)).toBe(111);
  expect(client.getsockopt(SO_ERROR)).toBe(0);
  return saidLater(() => connecting);
});
entry(["connect ENOENT unix", "sendto ENOENT unix"], async () => {
  const path = freshPath();
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  const text = await saidLater(() => client.connect(path));
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  const more = await saidLater(() => sender.sendto("x", path));
  socket("receiver", AF_UNIX, SOCK_DGRAM).bind(path);
  await sender.sendto("x", path);
  return text + more;
});
entry(["connect EPROTOTYPE unix", "sendto EPROTOTYPE unix"], async () => {
  const { place } = listening(UNIX);
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  const text =
    (await saidLater(() => sender.connect(place[0]))) + (await saidLater(() => sender.sendto("x", place[0])));
  await connected(place, UNIX);
  return text;
});
entry(["connect EACCES internet", "sendto EACCES internet"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const text =
    (await saidLater(() => sender.connect("127.255.255.255", 9))) +
    (await saidLater(() => sender.sendto("x", "127.255.255.255", 9)));
  sender.setsockopt(SO_BROADCAST, true);
  await sender.sendto("x", "127.255.255.255", 9);
  await sender.connect("127.255.255.255", 9);
  // A rule of the system, with an address that is no broadcast: a route that forbids it.
  const ruled = runProgram(
    [
      "unshare",
      "--user",
      "--map-root-user",
      "--net",
      "sh",
      "-c",
      'ip link set lo up; ip route add prohibit 203.0.113.0/24; exec "$@"',
      "sh",
    ],
    `await fails(() => socket("sender", k.AF_INET, k.SOCK_DGRAM).sendto("x", "203.0.113.9", 80));`,
  );
  return text + ruled;
});
entry("connect EADDRNOTAVAIL otherwise", async () => {
  const { server, place } = listening();
  const first = socket("first", AF_INET, SOCK_STREAM);
  first.bind(LOOPBACK, 0);
  const { port } = first.getsockname();
  await first.connect(...place);
  const second = socket("second", AF_INET, SOCK_STREAM);
  second.bind(LOOPBACK, port);
  const text = await saidLater(() => second.connect(...place));
  server.close();
  return (
    text +
    runProgram(
      "twoPorts",
      `const server = socket("server", k.AF_INET, k.SOCK_STREAM); server.bind(k.LOOPBACK, 20000); server.listen();
       const connect = (name) => socket(name, k.AF_INET, k.SOCK_STREAM).connect(k.LOOPBACK, 20000);
       await connect("a"); await connect("b"); same((await fails(() => connect("c"))).code, "EADDRNOTAVAIL");`,
    )
  );
});
entry("connect EAFNOSUPPORT", () => onNew(stream(), (fd) => calls.connect(fd, inet6(LOOPBACK6, 80))));
entry("connect EINVAL linkLocal", async () => {
  const text = await saidLater(() => socket("client", AF_INET6, SOCK_STREAM).connect("fe80::1", 9));
  const named = await rejectionOf(() => socket("client", AF_INET6, SOCK_STREAM).connect("fe80::1%1", 9));
  expect(named.code).not.toBe("EINVAL");
  return text;
});
entry(["connect EINVAL fromLoopback", "sendto EINVAL fromLoopback", "sendmsg EINVAL fromLoopback"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  sender.bind(LOOPBACK, 0);
  const text =
    (await saidLater(() => sender.connect("8.8.8.8", 9))) +
    (await saidLater(() => sender.sendto("x", "8.8.8.8", 9))) +
    (await saidLater(() => sender.sendmsg({ data: "x", address: "8.8.8.8", port: 9 })));
  const other = socket("other", AF_INET, SOCK_DGRAM);
  other.bind(ANY, 0);
  await other.connect("8.8.8.8", 9);
  return text;
});
entry(["connect EINVAL unnamed", "sendto EINVAL unnamed"], async () => {
  const { receiver, place } = datagram(UNIX);
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  await sender.sendto("question", place[0]);
  const { from } = await receiver.recvfrom();
  const text =
    (await saidLater(() => receiver.sendto("answer", from.address))) + (await saidLater(() => receiver.connect("")));
  sender.bind(freshPath());
  await sender.sendto("question", place[0]);
  const named = await receiver.recvfrom();
  await receiver.sendto("answer", named.from.address);
  expect(`${await sender.recv()}`).toBe("answer");
  return text;
});
entry("connect EINVAL unix", async () => {
  const { server, place } = listening(UNIX);
  const text = await saidLater(() => server.connect(place[0]));
  await connected(place, UNIX);
  return text;
});

// send(2) and sendto(2)

entry(["send EPIPE", "sendto EPIPE"], async () => {
  const fresh = socket("fresh", AF_INET, SOCK_STREAM);
  let text = await saidLater(() => fresh.send("x"));
  text += await saidLater(() => fresh.sendto("x", LOOPBACK, 9));
  const { client, server } = await streamPair();
  client.shutdown(SHUT_WR);
  text += await saidLater(() => client.send("x"));
  client.close();
  expect((await server.recv()).byteLength).toBe(0);
  await server.send("x");
  await until(async () => (await server.send("x").catch(({ code }) => code)) === "EPIPE");
  return text;
});
entry(["send ECONNRESET", "sendto ECONNRESET"], async () => {
  const reset = async () => {
    const { client, server } = await streamPair();
    server.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    server.close();
    return client;
  };
  const text = await saidLater(async () => (await reset()).send("x"));
  return text + (await saidLater(async () => (await reset()).sendto("x", LOOPBACK, 9)));
});
entry(["send EDESTADDRREQ", "send ECONNREFUSED datagram", "sendto ECONNREFUSED datagram"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const text = await saidLater(() => sender.send("x"));
  const port = deadPort(SOCK_DGRAM);
  await sender.sendto("x", LOOPBACK, port);
  await sender.connect(LOOPBACK, port);
  // Accepted, and answered by a refusal that the next call tells.
  await sender.send("earlier");
  const late = await saidLater(() => sender.send("x"));
  await sender.send("earlier");
  const { receiver, place } = datagram();
  const later = await saidLater(() => sender.sendto("lost", ...place));
  // It was not sent, though its own destination is there.
  await sender.sendto("sent", ...place);
  expect(`${(await receiver.recvfrom()).data}`).toBe("sent");
  return text + late + later;
});
entry(["send ENOTCONN", "send ECONNREFUSED unix"], async () => {
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  const text = await saidLater(() => sender.send("x"));
  const { receiver, place } = datagram(UNIX);
  await sender.sendto("x", place[0]);
  await sender.connect(place[0]);
  await sender.send("x");
  receiver.close();
  const gone = await saidLater(() => sender.send("x"));
  rmSync(place[0], { force: true });
  const anew = socket("anew", AF_UNIX, SOCK_DGRAM);
  anew.bind(place[0]);
  await sender.connect(place[0]);
  await sender.send("again");
  expect(`${await anew.recv()}`).toBe("again");
  return text + gone;
});
entry(["send EMSGSIZE ipv4", "sendto EMSGSIZE ipv4"], async () => {
  const { place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  let text = await saidLater(() => sender.sendto(Buffer.alloc(65_508), ...place));
  expect(await sender.sendto(Buffer.alloc(65_507), ...place)).toBe(65_507);
  await sender.connect(...place);
  text += await saidLater(() => sender.send(Buffer.alloc(65_508)));
  // Not cut into fragments: no more than fits into one packet of the route, which loopback alone lets be as long.
  const whole = runProgram(
    ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up mtu 1500; exec "$@"', "sh"],
    `const sender = socket("sender", k.AF_INET, k.SOCK_DGRAM); sender.setsockopt(k.IP_MTU_DISCOVER, 2);
     await fails(() => sender.sendto(Buffer.alloc(1473), "127.0.0.1", 9)); await sender.sendto(Buffer.alloc(1472), "127.0.0.1", 9);`,
  );
  return text + whole;
});
entry(["send EMSGSIZE ipv6", "sendto EMSGSIZE ipv6"], async () => {
  const { place } = datagram(KINDS.AF_INET6);
  const sender = socket("sender", AF_INET6, SOCK_DGRAM);
  let text = await saidLater(() => sender.sendto(Buffer.alloc(65_528), ...place));
  expect(await sender.sendto(Buffer.alloc(65_527), ...place)).toBe(65_527);
  await sender.connect(...place);
  text += await saidLater(() => sender.send(Buffer.alloc(65_528)));
  return text;
});
entry(["send EMSGSIZE unix", "sendto EMSGSIZE unix"], async () => {
  const { place } = datagram(UNIX);
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  sender.setsockopt(SO_SNDBUF, 10_000);
  const room = sender.getsockopt(SO_SNDBUF);
  const text = await saidLater(() => sender.sendto(Buffer.alloc(room), place[0]));
  await sender.connect(place[0]);
  const more = await saidLater(() => sender.send(Buffer.alloc(room)));
  sender.setsockopt(SO_SNDBUF, 100_000);
  expect(await sender.send(Buffer.alloc(room))).toBe(room);
  return text + more;
});
entry(["send EMSGSIZE otherwise", "send ECONNREFUSED otherwise"], () => {
  const fd = dgram();
  return closing([fd], () => {
    calls.connect(fd, inet(LOOPBACK, deadPort(SOCK_DGRAM)));
    const text = said(() => calls.send(fd, Buffer.alloc(65_508)));
    calls.send(fd, "x");
    return text + said(() => calls.send(fd, "x"));
  });
});
entry("sendto ECONNREFUSED otherwise", () => {
  const fd = dgram();
  return closing([fd], () => {
    const address = inet(LOOPBACK, deadPort(SOCK_DGRAM));
    calls.connect(fd, address);
    calls.send(fd, "x");
    return said(() => calls.sendto(fd, "x", address));
  });
});
entry(["send EAGAIN", "sendto EAGAIN"], async () => {
  const { place } = listening(undefined, 0);
  await connected(place);
  const address = inet(LOOPBACK, place[1]!);
  const [first, second] = [stream(), stream()];
  const [full, other] = rawPair();
  return closing([first, second, full, other], () => {
    for (const fd of [first, second]) failureOf(() => calls.connect(fd, address));
    // One of them is queued behind the other, and not connected yet.
    const text = said(() => calls.send(second, "x"));
    expect(calls.poll([{ fd: second, events: POLLOUT }], 0)).toMatchObject([{ revents: 0 }]);
    const filled = said(() => {
      for (;;) calls.send(full, Buffer.alloc(1_000_000));
    });
    return text + filled + said(() => calls.sendto(full, Buffer.alloc(1000), address));
  });
});
entry(["send EOPNOTSUPP", "sendto EOPNOTSUPP otherwise"], async () => {
  const { place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const text = await saidLater(() => sender.sendto("x", place[0], place[1], { flags: MSG_OOB }));
  await sender.connect(...place);
  const more = await saidLater(() => sender.send("x", MSG_OOB));
  await sender.send("x");
  const { client } = await streamPair();
  await client.send("x", MSG_OOB);
  return text + more;
});
entry("sendto EOPNOTSUPP stream", async () => {
  const { place } = listening(UNIX);
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  const text = await saidLater(() => client.sendto("x", place[0]));
  await client.connect(place[0]);
  await client.send("x");
  return text;
});
entry("sendto EISCONN", async () => {
  const { place } = listening(UNIX);
  const client = await connected(place, UNIX);
  const text = await saidLater(() => client.sendto("x", place[0]));
  await client.send("x");
  return text;
});
entry("sendto EINVAL port0", () => saidLater(() => socket("sender", AF_INET, SOCK_DGRAM).sendto("x", LOOPBACK, 0)));
entry("sendto EAFNOSUPPORT", () =>
  onNew(
    dgram(),
    (fd) => calls.sendto(fd, "x", inet6(LOOPBACK6, 9)),
    (fd) => calls.sendto(fd, "x", inet(LOOPBACK, 9)),
  ),
);

// recv(2) and recvfrom(2)

entry(["recv ECONNRESET", "recvfrom ECONNRESET"], async () => {
  const reset = async (kind = KINDS.AF_INET) => {
    const { client, server } = await streamPair(kind);
    await client.send("never read");
    server.close();
    return client;
  };
  let text = await saidLater(async () => (await reset()).recv());
  text += await saidLater(async () => (await reset(UNIX)).recv());
  return text + (await saidLater(async () => (await reset()).recvfrom()));
});
entry(["recv ECONNREFUSED datagram", "recvfrom ECONNREFUSED datagram"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  await sender.connect(LOOPBACK, deadPort(SOCK_DGRAM));
  await sender.send("x");
  const text = await saidLater(() => sender.recv());
  await sender.send("x");
  return text + (await saidLater(() => sender.recvfrom()));
});
entry(["recv ECONNREFUSED otherwise", "recvfrom ECONNREFUSED otherwise"], async () => {
  const refused = async (receive: (fd: number) => unknown) => {
    const fd = stream();
    failureOf(() => calls.connect(fd, inet(LOOPBACK, deadPort())));
    calls.poll([{ fd, events: POLLOUT }], 5000);
    return onNew(fd, receive);
  };
  const memory = Buffer.alloc(1);
  return (await refused((fd) => calls.recv(fd, memory))) + (await refused((fd) => calls.recvfrom(fd, memory)));
});
entry(["recv ENOTCONN", "recvfrom ENOTCONN"], async () => {
  const { server, place } = listening();
  const text = (await saidLater(() => server.recv())) + (await saidLater(() => server.recvfrom()));
  const client = await connected(place);
  await client.send("x");
  expect(`${await (await server.accept()).recv()}`).toBe("x");
  return text;
});
const RECEIVING = ["recv", "recvfrom", "recvmsg"] as const;
entry(
  RECEIVING.flatMap((call) => [`${call} EAGAIN otherwise`, `${call} EAGAIN ofErrors`]),
  async () => {
    const [client, server] = rawPair();
    const [lonely, box] = [dgram(), dgram()];
    const memory = Buffer.alloc(1);
    calls.bind(box, inet(LOOPBACK, 0));
    calls.sendto(lonely, "x", calls.getsockname(box)!);
    calls.poll([{ fd: box, events: POLLIN }], 5000);
    return closing([client, server, lonely, box], () => {
      const empty = RECEIVING.map((call) => said(() => calls[call](server, memory)));
      // Something has arrived, and no error has.
      const errors = [
        said(() => calls.recv(box, memory, 1, MSG_ERRQUEUE)),
        said(() => calls.recvfrom(box, memory, 1, MSG_ERRQUEUE)),
        said(() => calls.recvmsg(box, memory, MSG_ERRQUEUE)),
      ];
      for (const call of RECEIVING) {
        calls.send(client, "y");
        calls.poll([{ fd: server, events: POLLIN }], 5000);
        calls[call](server, memory);
      }
      expect(calls.recv(box, memory)).toBe(1);
      return [...empty, ...errors].join(" ");
    });
  },
);
entry(
  RECEIVING.map((call) => `${call} EAGAIN outOfBand`),
  async () => {
    const { server } = await urgentToCome();
    const text = await Promise.all(RECEIVING.map((call) => saidLater(() => server[call](1, MSG_OOB))));
    // What comes before it is received, and then it is there.
    await until(async () => {
      await server.recv(1_000_000, MSG_DONTWAIT).catch(() => {});
      return server.recv(1, MSG_OOB).catch(() => undefined);
    });
    return text.join(" ");
  },
);
entry(["recvmsg ECONNRESET", "recvmsg ENOTCONN", "recvmsg ECONNREFUSED datagram"], async () => {
  const { client, server } = await streamPair();
  await client.send("never read");
  server.close();
  let text = await saidLater(() => client.recvmsg());
  const { server: listener, place } = listening();
  text += await saidLater(() => listener.recvmsg());
  await (await connected(place)).send("x");
  expect(`${(await (await listener.accept()).recvmsg()).data}`).toBe("x");
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  await sender.connect(LOOPBACK, deadPort(SOCK_DGRAM));
  await sender.send("x");
  return text + (await saidLater(() => sender.recvmsg()));
});
entry("recvmsg ECONNREFUSED otherwise", () => {
  const fd = stream();
  failureOf(() => calls.connect(fd, inet(LOOPBACK, deadPort())));
  calls.poll([{ fd, events: POLLOUT }], 5000);
  return onNew(fd, (fd) => calls.recvmsg(fd, Buffer.alloc(1)));
});
entry(
  ["sendmsg ECONNRESET", "sendmsg EISCONN", "sendmsg EOPNOTSUPP otherwise", "sendmsg EOPNOTSUPP stream"],
  async () => {
    const { client, server } = await streamPair();
    server.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    server.close();
    let text = await saidLater(() => client.sendmsg({ data: "x" }));
    const { place } = listening(UNIX);
    const fresh = socket("fresh", AF_UNIX, SOCK_STREAM);
    text += await saidLater(() => fresh.sendmsg({ data: "x", address: place[0] }));
    await fresh.connect(place[0]);
    text += await saidLater(() => fresh.sendmsg({ data: "x", address: place[0] }));
    await fresh.sendmsg({ data: "x" });
    const { place: box } = datagram();
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    await sender.connect(...box);
    text += await saidLater(() => sender.sendmsg({ data: "x" }, MSG_OOB));
    await sender.sendmsg({ data: "x" });
    return text;
  },
);
entry(["sendmsg ENOTCONN", "sendmsg ECONNREFUSED unixWithoutAddress", "sendmsg ECONNREFUSED unix"], async () => {
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  const { receiver, place } = datagram(UNIX);
  const [address] = place;
  const text = await saidLater(() => sender.sendmsg({ data: "x" }));
  await sender.sendmsg({ data: "x", address });
  await sender.connect(address);
  await sender.sendmsg({ data: "x" });
  // Closed by its number: the handle would remove the file.
  calls.close(receiver.fd);
  const gone = await saidLater(() => sender.sendmsg({ data: "x" }));
  const dead = await saidLater(() => socket("other", AF_UNIX, SOCK_DGRAM).sendmsg({ data: "x", address }));
  expect(gone + dead).not.toMatch(/earlier datagram|port/);
  rmSync(address, { force: true });
  const anew = socket("anew", AF_UNIX, SOCK_DGRAM);
  anew.bind(address);
  await sender.connect(address);
  await sender.sendmsg({ data: "again" });
  expect(`${await anew.recv()}`).toBe("again");
  return text + gone + dead;
});
entry("sendmsg ECONNREFUSED otherwise", () => {
  const [one, other] = calls.socketpair(AF_UNIX, SOCK_DGRAM);
  calls.close(other);
  const gone = onNew(one, (fd) => calls.send(fd, "x"));
  expect(gone.replace(/\s+/g, " ")).toContain("On a Unix-domain socket the receiver's socket is closed.");
  const fd = dgram();
  return closing([fd], () => {
    calls.connect(fd, inet(LOOPBACK, deadPort(SOCK_DGRAM)));
    calls.send(fd, "x");
    return said(() => calls.sendmsg(fd, { data: "x" }));
  });
});
entry(
  ["sendmsg ENOENT unix", "sendmsg EPROTOTYPE unix", "sendmsg EINVAL unnamed", "sendmsg EINVAL port0"],
  async () => {
    const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
    const { place } = listening(UNIX);
    const path = freshPath();
    let text = await saidLater(() => sender.sendmsg({ data: "x", address: path }));
    text += await saidLater(() => sender.sendmsg({ data: "x", address: place[0] }));
    text += await saidLater(() => sender.sendmsg({ data: "x", address: "" }));
    text += await saidLater(() =>
      socket("udp", AF_INET, SOCK_DGRAM).sendmsg({ data: "x", address: LOOPBACK, port: 0 }),
    );
    socket("receiver", AF_UNIX, SOCK_DGRAM).bind(path);
    await sender.sendmsg({ data: "x", address: path });
    return text;
  },
);
entry(["sendmsg EACCES internet", "sendmsg EAFNOSUPPORT"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const message = { data: "x", address: "127.255.255.255", port: 9 };
  const text = await saidLater(() => sender.sendmsg(message));
  sender.setsockopt(SO_BROADCAST, 1);
  await sender.sendmsg(message);
  return text + onNew(dgram(), (fd) => calls.sendmsg(fd, { data: "x", address: inet6(LOOPBACK6, 9) }));
});
entry(["sendmsg EPIPE", "sendmsg EAGAIN"], async () => {
  const { client, server } = await streamPair();
  client.shutdown(SHUT_WR);
  const text = await saidLater(() => client.sendmsg({ data: "x" }));
  client.close();
  expect((await server.recv()).byteLength).toBe(0);
  const [full, other] = rawPair();
  const filled = closing([full, other], () =>
    said(() => {
      for (;;) calls.sendmsg(full, { data: Buffer.alloc(1_000_000) });
    }),
  );
  return text + filled;
});
entry(["sendmsg EDESTADDRREQ otherwise", "sendmsg ECONNREFUSED datagram"], async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const text = await saidLater(() => sender.sendmsg({ data: "x" }));
  const port = deadPort(SOCK_DGRAM);
  await sender.sendmsg({ data: "x", address: LOOPBACK, port });
  await sender.connect(LOOPBACK, port);
  await sender.sendmsg({ data: "earlier" });
  return text + (await saidLater(() => sender.sendmsg({ data: "x" })));
});
entry(
  ["ipv4", "ipv6", "unix"].map((family) => `sendmsg EMSGSIZE ${family}`),
  async () => {
    let text = "";
    for (const [kind, most] of [
      [KINDS.AF_INET!, 65_507],
      [KINDS.AF_INET6!, 65_527],
      [UNIX, 0],
    ] as const) {
      const { receiver, place } = datagram(kind);
      const [address, port] = place;
      const sender = socket("sender", kind.family, SOCK_DGRAM);
      if (kind === UNIX) sender.setsockopt(SO_SNDBUF, 10_000);
      const length = most === 0 ? sender.getsockopt(SO_SNDBUF) : most + 1;
      text += await saidLater(() => sender.sendmsg({ data: Buffer.alloc(length), address, port }));
      if (kind === UNIX) sender.setsockopt(SO_SNDBUF, 100_000);
      const taken = most === 0 ? length : most;
      expect(await sender.sendmsg({ data: Buffer.alloc(taken), address, port })).toBe(taken);
      receiver.close();
    }
    return text;
  },
);
entry(["recv EINVAL outOfBand", "recvfrom EINVAL outOfBand"], async () => {
  const { client, server } = await streamPair();
  const text = (await saidLater(() => server.recv(1, MSG_OOB))) + (await saidLater(() => server.recvfrom(1, MSG_OOB)));
  await client.send("!", MSG_OOB);
  await until(() => server.recv(1, MSG_OOB).catch(() => undefined));
  // Received already.
  return text + (await saidLater(() => server.recv(1, MSG_OOB)));
});
entry(["recv EINVAL unix", "recvfrom EINVAL unix"], async () => {
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  const text = (await saidLater(() => client.recv())) + (await saidLater(() => client.recvfrom()));
  const { server, place } = listening(UNIX);
  await client.connect(place[0]);
  await (await server.accept()).send("x");
  expect(`${await client.recv()}`).toBe("x");
  return text;
});

// The rest

entry("sendto EAGAIN", () => {
  const text = runProgram(
    "twoPorts",
    `const taken = ["a", "b"].map((name) => { const handle = socket(name, k.AF_INET, k.SOCK_DGRAM); handle.bind("0.0.0.0", 0); return handle; });
     for (const type of [k.SOCK_DGRAM, k.SOCK_DGRAM | k.SOCK_NONBLOCK]) {
       const fd = calls.socket(k.AF_INET, type);
       await fails(() => calls.sendto(fd, "x", inet(k.LOOPBACK, 9)));
     }
     taken[0].close();
     same(calls.sendto(calls.socket(k.AF_INET, k.SOCK_DGRAM), "x", inet(k.LOOPBACK, 9)), 1);`,
  );
  // A descriptor that blocks has not waited for that either.
  expect(text).not.toContain("time is over");
  return text;
});
entry(["connect EINVAL unspec", "sendto EINVAL unspec", "sendmsg EINVAL unspec"], () => {
  const UNSPEC = { family: "AF_UNSPEC" } as const;
  const [sender, receiver] = [dgram(), dgram()];
  const ends = calls.socketpair(AF_UNIX, SOCK_STREAM);
  return closing([sender, receiver, ...ends], () => {
    calls.bind(receiver, inet(LOOPBACK, 0));
    const text = [
      said(() => calls.connect(ends[0], UNSPEC)),
      said(() => calls.sendto(sender, "x", UNSPEC)),
      said(() => calls.sendmsg(sender, { data: "x", address: UNSPEC })),
    ];
    // What it is for: of datagrams, and on Linux of TCP.
    calls.connect(sender, calls.getsockname(receiver)!);
    const [client, server] = rawPair();
    closing([client, server], () => {
      for (const fd of [sender, client]) {
        calls.getpeername(fd);
        calls.connect(fd, UNSPEC);
        expect(said(() => calls.getpeername(fd))).toContain("ENOTCONN");
      }
    });
    return text.join(" ");
  });
});
entry(["sendto EDESTADDRREQ unspec", "sendmsg EDESTADDRREQ unspec"], () => {
  const UNSPEC = { family: "AF_UNSPEC" } as const;
  return (
    onNew(dgram(AF_INET6), (fd) => calls.sendto(fd, "x", UNSPEC)) +
    onNew(dgram(AF_INET6), (fd) => calls.sendmsg(fd, { data: "x", address: UNSPEC }))
  );
});
entry(["shutdown ENOTCONN", "shutdown EINVAL", "getpeername ENOTCONN"], async () => {
  const { client, server } = await streamPair();
  const text = said(() => client.shutdown(9));
  client.shutdown(SHUT_WR);
  server.close();
  expect((await client.recv()).byteLength).toBe(0);
  const fresh = socket("fresh", AF_INET, SOCK_STREAM);
  return (
    text + said(() => client.shutdown(SHUT_WR)) + said(() => fresh.getpeername()) + said(() => client.getpeername())
  );
});
entry(["setsockopt ENOPROTOOPT", "getsockopt ENOPROTOOPT", "getsockopt EOPNOTSUPP"], () => {
  const udp = socket("udp", AF_INET, SOCK_DGRAM);
  const text = said(() => udp.setsockopt(TCP_NODELAY, true)) + said(() => udp.getsockopt(TCP_NODELAY));
  const tcp = socket("tcp", AF_INET, SOCK_STREAM);
  tcp.setsockopt(TCP_NODELAY, true);
  return (
    text +
    said(() => calls.setsockopt(tcp.fd, SOL_SOCKET, 3, 1)) +
    said(() => calls.getsockopt(tcp.fd, SOL_SOCKET, 999))
  );
});
entry("setsockopt EOPNOTSUPP", () => onNew(stream(AF_UNIX), (fd) => calls.setsockopt(fd, 6, 1, 1)));
entry("setsockopt EINVAL tooLate", () => {
  const server = socket("server", AF_INET6, SOCK_STREAM);
  server.bind("::", 0);
  const text = said(() => server.setsockopt(IPV6_V6ONLY, true));
  socket("server", AF_INET6, SOCK_STREAM).setsockopt(IPV6_V6ONLY, true);
  return text;
});
entry("setsockopt EINVAL otherwise", () =>
  onNew(
    stream(),
    (fd) => calls.setsockopt(fd, SOL_SOCKET, 9, Buffer.alloc(3)),
    (fd) => calls.setsockopt(fd, SOL_SOCKET, 9, 1),
  ),
);
entry(["setsockopt EADDRINUSE membership", "setsockopt EADDRNOTAVAIL leaving"], async () => {
  let text = "";
  const member = { group: "239.1.2.3", interface: LOOPBACK };
  const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
  receiver.bind(ANY, 0);
  text += said(() => receiver.setsockopt(IP_DROP_MEMBERSHIP, member));
  receiver.setsockopt(IP_ADD_MEMBERSHIP, member);
  text += said(() => receiver.setsockopt(IP_ADD_MEMBERSHIP, member));
  expect(text).not.toContain("is taken");
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  sender.setsockopt(IP_MULTICAST_IF, LOOPBACK);
  await sender.sendto("heard", member.group, receiver.getsockname().port);
  expect(`${(await receiver.recvfrom()).data}`).toBe("heard");
  const six = socket("six", AF_INET6, SOCK_DGRAM);
  const member6 = { group: "ff02::1:3", interface: 1 };
  text += said(() => six.setsockopt(IPV6_LEAVE_GROUP, member6));
  six.setsockopt(IPV6_JOIN_GROUP, member6);
  return text + said(() => six.setsockopt(IPV6_JOIN_GROUP, member6));
});
entry(
  ["setsockopt EADDRNOTAVAIL multicastInterface", "setsockopt ENODEV membership", "setsockopt ENODEV device"],
  () => {
    const udp = socket("udp", AF_INET, SOCK_DGRAM);
    const text =
      said(() => udp.setsockopt(IP_MULTICAST_IF, "203.0.113.9")) +
      said(() => udp.setsockopt(IP_ADD_MEMBERSHIP, { group: "239.1.2.3", interface: "203.0.113.9" })) +
      said(() => udp.setsockopt(SO_BINDTODEVICE, "nosuch0"));
    udp.setsockopt(IP_MULTICAST_IF, LOOPBACK);
    udp.setsockopt(IP_ADD_MEMBERSHIP, { group: "239.1.2.3", interface: LOOPBACK });
    const six = socket("six", AF_INET6, SOCK_DGRAM);
    const more = said(() => six.setsockopt(IPV6_JOIN_GROUP, { group: "ff02::1:3", interface: 999_999 }));
    six.setsockopt(IPV6_JOIN_GROUP, { group: "ff02::1:3", interface: 1 });
    return text + more;
  },
);
entry("setsockopt ENODEV membershipAnywhere", () =>
  runProgram(
    "ownNetwork",
    `same(fs.readFileSync("/proc/net/route", "utf8").trim().split("\\n").length, 1);
     const member = { group: "239.1.2.3", interface: "0.0.0.0" }; const udp = socket("udp", k.AF_INET, k.SOCK_DGRAM);
     await fails(() => udp.setsockopt(k.IP_ADD_MEMBERSHIP, member)); await fails(() => udp.setsockopt(k.IP_DROP_MEMBERSHIP, member));
     udp.setsockopt(k.IP_ADD_MEMBERSHIP, { ...member, interface: k.LOOPBACK });
     const member6 = { group: "ff02::1:3", interface: 0 }; const udp6 = socket("udp6", k.AF_INET6, k.SOCK_DGRAM);
     await fails(() => udp6.setsockopt(k.IPV6_JOIN_GROUP, member6)); udp6.setsockopt(k.IPV6_JOIN_GROUP, { ...member6, interface: 1 });`,
  ),
);
entry("setsockopt ENOBUFS membership", () => {
  const join = (name: string, last: number) => {
    const handle = socket(name, AF_INET, SOCK_DGRAM);
    for (let i = 1; i <= last; i++)
      handle.setsockopt(IP_ADD_MEMBERSHIP, { group: `239.1.3.${i}`, interface: LOOPBACK });
    return handle;
  };
  const text = said(() => join("one", 250));
  join("two", 1);
  return text;
});
entry("setsockopt EPROTO membership", () => {
  const member = { group: "239.1.2.3", interface: LOOPBACK };
  const text = said(() => socket("tcp", AF_INET, SOCK_STREAM).setsockopt(IP_ADD_MEMBERSHIP, member));
  socket("udp", AF_INET, SOCK_DGRAM).setsockopt(IP_ADD_MEMBERSHIP, member);
  return text;
});
entry("setsockopt EDOM", () => {
  const time = (microseconds: bigint) => Buffer.from(new BigInt64Array([1n, microseconds]).buffer);
  return onNew(
    stream(),
    (fd) => calls.setsockopt(fd, SOL_SOCKET, 20, time(1_000_000n)),
    (fd) => calls.setsockopt(fd, SOL_SOCKET, 20, time(999_999n)),
  );
});
entry("setsockopt EPERM", () => {
  const mark = `calls.setsockopt(calls.socket(k.AF_INET, k.SOCK_STREAM), k.SOL_SOCKET, 36, 1)`;
  runProgram("ownNetwork", mark);
  return runProgram("unprivileged", `await fails(() => ${mark});`);
});
entry("setsockopt ENOENT filter", () => onNew(dgram(), (fd) => calls.setsockopt(fd, SOL_SOCKET, 27, 0)));
entry("close EBADF", () => {
  const fd = dgram();
  calls.close(fd);
  return said(() => calls.close(fd));
});
entry(["epoll_ctl EEXIST", "epoll_ctl ENOENT", "epoll_ctl EPERM"], async () => {
  const { openSync, closeSync } = await import("node:fs");
  const [epfd, fd] = [calls.epoll_create1(), dgram()];
  const file = openSync("/dev/null", "r");
  const regular = openSync(new URL(import.meta.url), "r");
  const events = { events: EPOLLIN, data: 1 };
  return closing([epfd, fd], () => {
    let text = said(() => calls.epoll_ctl(epfd, EPOLL_CTL_DEL, fd));
    calls.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, events);
    text += said(() => calls.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, events));
    calls.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, events);
    text += said(() => calls.epoll_ctl(epfd, EPOLL_CTL_ADD, regular, events));
    for (const number of [file, regular]) closeSync(number);
    return text;
  });
});

export { errnoEntries };
