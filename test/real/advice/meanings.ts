import { closeSync, openSync, symlinkSync } from "node:fs";
import {
  AF_INET,
  AF_UNIX,
  calls,
  EPOLL_CTL_ADD,
  EPOLLIN,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from "kernel-helpers";
import { freshPath } from "../../support/kinds.js";
import { failureOf } from "../../support/outcome.js";
import type { Entry } from "./entry.js";
import { runProgram } from "./unprivileged.js";

/*
 * Where the table has no line, what the errno means is said, which must be true of every call. These are the errnos that several man pages
 * name without a cause of their own, as far as they can be made.
 */

const somewhere = { family: "AF_INET", address: "127.0.0.1", port: 9 } as const;
const memory = Buffer.alloc(8);

/** Every call on a descriptor. */
const ON_DESCRIPTOR: Readonly<Record<string, (fd: number) => unknown>> = {
  bind: (fd) => calls.bind(fd, somewhere),
  listen: (fd) => calls.listen(fd, 1),
  accept: (fd) => calls.accept(fd),
  connect: (fd) => calls.connect(fd, somewhere),
  send: (fd) => calls.send(fd, "x"),
  sendto: (fd) => calls.sendto(fd, "x", somewhere),
  recv: (fd) => calls.recv(fd, memory),
  recvfrom: (fd) => calls.recvfrom(fd, memory),
  shutdown: (fd) => calls.shutdown(fd, SHUT_WR),
  getsockname: (fd) => calls.getsockname(fd),
  getpeername: (fd) => calls.getpeername(fd),
  getsockopt: (fd) => calls.getsockopt(fd, SOL_SOCKET, 3),
  setsockopt: (fd) => calls.setsockopt(fd, SOL_SOCKET, 9, 1),
};

const all = (fd: number) =>
  Object.values(ON_DESCRIPTOR)
    .map((call) => failureOf(() => call(fd)).message)
    .join(" ");
const each = (code: string) => Object.keys(ON_DESCRIPTOR).map((call) => `${call} ${code}`);

export const meaningEntries: Entry[] = [
  {
    says: each("EBADF"),
    make: () => {
      const fd = calls.socket(AF_INET, SOCK_DGRAM);
      calls.close(fd);
      return all(fd);
    },
  },
  {
    says: each("ENOTSOCK"),
    make: () => {
      const file = openSync("/dev/null", "r");
      const text = all(file);
      closeSync(file);
      return text;
    },
  },
  {
    says: ["connect EHOSTUNREACH", "sendto EHOSTUNREACH"],
    make: () =>
      runProgram(
        [
          ...["unshare", "--user", "--map-root-user", "--net", "sh", "-c"],
          'ip link set lo up; ip route add unreachable 203.0.113.0/24; exec "$@"',
          "sh",
        ],
        `await fails(() => socket("client", k.AF_INET, k.SOCK_STREAM).connect("203.0.113.9", 80));
         await fails(() => socket("sender", k.AF_INET, k.SOCK_DGRAM).sendto("x", "203.0.113.9", 80));`,
      ),
  },
  {
    says: ["bind ELOOP", "connect ELOOP"],
    make: () => {
      const loop = freshPath();
      symlinkSync(loop, loop);
      const fd = calls.socket(AF_UNIX, SOCK_STREAM);
      const address = { family: "AF_UNIX", path: `${loop}/x` } as const;
      const text =
        failureOf(() => calls.bind(fd, address)).message + failureOf(() => calls.connect(fd, address)).message;
      calls.close(fd);
      return text;
    },
  },
  {
    says: ["connect ENOTDIR"],
    make: () => {
      const fd = calls.socket(AF_UNIX, SOCK_STREAM);
      const text = failureOf(() => calls.connect(fd, { family: "AF_UNIX", path: "/dev/null/x" })).message;
      calls.close(fd);
      return text;
    },
  },
  {
    says: ["epoll_ctl EINVAL", "epoll_ctl EBADF"],
    make: () => {
      const epfd = calls.epoll_create1();
      const events = { events: EPOLLIN, data: 1 };
      const text = [epfd, 9999].map((fd) => failureOf(() => calls.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, events)).message);
      calls.close(epfd);
      return text.join(" ");
    },
  },
  // A system that refuses sockets altogether, as some containers do.
  {
    says: ["socket EACCES"],
    make: async () => {
      const { compileRefusal } = await import("../../support/refusal.js");
      const program = `${freshPath()}-refuse`;
      compileRefusal(program, { call: "socket", answer: "EACCES" });
      return runProgram([program], `await fails(() => calls.socket(k.AF_INET, k.SOCK_STREAM));`);
    },
  },
];
