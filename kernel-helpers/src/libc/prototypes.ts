import koffi from "koffi";
import { facts, PLATFORM_PROBLEM } from "../facts";

/*
 * The functions of libc that the workshop calls, as their man pages declare them. `ssize_t` is written `intptr_t`: it has the
 * same width, and koffi does not know the name. A `void *` parameter takes the memory of a Buffer as it is, without a copy.
 */

type Pointer = Uint8Array | null;

/** The bytes of a struct sock_fprog. */
export const FILTER_PROGRAM_SIZE = 16;

/** struct sock_fprog. */
export interface FilterProgram {
  len: number;
  filter: Pointer;
}

/** libc's functions on numbers and memory. They check nothing: only `calls/` may call them, with checked arguments. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  socketpair(domain: number, type: number, protocol: number, fds: Pointer): number;
  bind(fd: number, address: Pointer, length: number): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, address: Pointer, length: Pointer): number;
  accept4(fd: number, address: Pointer, length: Pointer, flags: number): number;
  connect(fd: number, address: Pointer, length: number): number;
  send(fd: number, data: Pointer, length: number, flags: number): number;
  recv(fd: number, buffer: Pointer, length: number, flags: number): number;
  sendto(fd: number, data: Pointer, length: number, flags: number, address: Pointer, addressLength: number): number;
  recvfrom(
    fd: number,
    buffer: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: Pointer,
  ): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  dup(fd: number): number;
  getsockname(fd: number, address: Pointer, length: Pointer): number;
  getpeername(fd: number, address: Pointer, length: Pointer): number;
  getsockopt(fd: number, level: number, option: number, value: Pointer, length: Pointer): number;
  setsockopt(fd: number, level: number, option: number, value: Pointer, length: number): number;
  /** setsockopt with a struct sock_fprog: the count of instructions and where they are. */
  setFilter(fd: number, level: number, option: number, program: FilterProgram, length: number): number;
  fcntl(fd: number, command: number, type: "int", argument: number): number;
  poll(fds: Pointer, count: number, timeout: number): number;
  read(fd: number, buffer: Pointer, length: number): number;
  write(fd: number, data: Pointer, length: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epfd: number, op: number, fd: number, event: Pointer): number;
  epoll_wait(epfd: number, events: Pointer, max: number, timeout: number): number;
  eventfd(initial: number, flags: number): number;
  ioctl(fd: number, request: number, type: "void *", argument: Pointer): number;
  prctl(option: number, second: number, third: number, fourth: number, fifth: number): number;
}

const EVERYWHERE: Readonly<Partial<Record<keyof Libc, string>>> = {
  socket: "int socket(int domain, int type, int protocol)",
  socketpair: "int socketpair(int domain, int type, int protocol, void *fds)",
  bind: "int bind(int fd, const void *address, uint32_t length)",
  listen: "int listen(int fd, int backlog)",
  accept: "int accept(int fd, void *address, void *length)",
  connect: "int connect(int fd, const void *address, uint32_t length)",
  send: "intptr_t send(int fd, const void *data, size_t length, int flags)",
  recv: "intptr_t recv(int fd, void *buffer, size_t length, int flags)",
  sendto:
    "intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)",
  recvfrom: "intptr_t recvfrom(int fd, void *buffer, size_t length, int flags, void *address, void *addressLength)",
  shutdown: "int shutdown(int fd, int how)",
  close: "int close(int fd)",
  dup: "int dup(int fd)",
  getsockname: "int getsockname(int fd, void *address, void *length)",
  getpeername: "int getpeername(int fd, void *address, void *length)",
  getsockopt: "int getsockopt(int fd, int level, int option, void *value, void *length)",
  setsockopt: "int setsockopt(int fd, int level, int option, const void *value, uint32_t length)",
  // Variadic in C too: on arm64 macOS a variadic argument travels on the stack, so the declaration must say so.
  fcntl: "int fcntl(int fd, int command, ...)",
  poll: "int poll(void *fds, unsigned long count, int timeout)",
  read: "intptr_t read(int fd, void *buffer, size_t length)",
  write: "intptr_t write(int fd, const void *data, size_t length)",
};

const LINUX_ONLY: Readonly<Partial<Record<keyof Libc, string>>> = {
  accept4: "int accept4(int fd, void *address, void *length, int flags)",
  epoll_create1: "int epoll_create1(int flags)",
  epoll_ctl: "int epoll_ctl(int epfd, int op, int fd, void *event)",
  epoll_wait: "int epoll_wait(int epfd, void *events, int max, int timeout)",
  eventfd: "int eventfd(unsigned int initial, int flags)",
  ioctl: "int ioctl(int fd, unsigned long request, ...)",
  prctl: "int prctl(int option, unsigned long second, unsigned long third, unsigned long fourth, unsigned long fifth)",
};

function load(): Libc {
  if (PLATFORM_PROBLEM !== undefined) throw new Error(PLATFORM_PROBLEM);
  // `null` is the process itself: the libc that Node already uses, glibc or musl, found as a C program would find it.
  const library = koffi.load(null);
  const declarations = { ...EVERYWHERE, ...(facts.os === "linux" ? LINUX_ONLY : {}) };
  const entries = Object.entries(declarations).map(([name, declaration]) => [name, library.func(declaration)]);
  // Types without a name: the package can be loaded twice in one process, and koffi takes a name once.
  const program = koffi.pointer(koffi.struct({ len: "uint16_t", filter: "const void *" }));
  const setFilter = library.func("setsockopt", "int", ["int", "int", "int", program, "uint32_t"]);
  return Object.fromEntries([...entries, ["setFilter", setFilter]]) as Libc;
}

/** libc of this process. Throws one clear sentence on a platform that has none of the tables. */
export const libc: Libc = load();

/** The errno of the last call, to be read before anything else happens. */
export const lastErrno: () => number = () => koffi.errno();
