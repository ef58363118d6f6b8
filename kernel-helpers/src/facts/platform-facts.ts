import { DARWIN_CONSTANTS } from "./darwin";
import { DARWIN_ERRNO } from "./darwin-errno";
import { type Constants, LINUX_CONSTANTS } from "./linux";
import { type ErrnoTable, LINUX_ERRNO } from "./linux-errno";
import type { PlatformName } from "./platform";

/** Everything that differs between platforms, as plain data. Sizes and offsets are in bytes. All platforms are little-endian. */
export interface PlatformFacts {
  readonly name: PlatformName;
  readonly os: "linux" | "darwin";
  readonly constants: Constants;
  /** Error code → number. */
  readonly errno: Readonly<Record<string, number>>;
  /** Error code → the text of strerror(3). */
  readonly errnoTexts: Readonly<Record<string, string>>;
  /** True where a sockaddr starts with one byte of length and one of family, instead of two bytes of family. */
  readonly sockaddrHasLength: boolean;
  readonly sockaddrInSize: 16;
  readonly sockaddrIn6Size: 28;
  /** Where sun_path begins in a sockaddr_un. */
  readonly unixPathOffset: 2;
  /** Room for the path in a sockaddr_un. */
  readonly unixPathSize: 108 | 104;
  /** struct epoll_event: packed on x64 only. macOS has no epoll; its rows repeat arm64's. */
  readonly epollEventSize: 12 | 16;
  /** Where `data` begins in a struct epoll_event. */
  readonly epollDataOffset: 4 | 8;
  readonly lingerSize: 8;
  readonly timevalSize: 16;
  /** tv_usec is a 64-bit number on Linux and a 32-bit one, with padding, on macOS. */
  readonly timevalUsecSize: 8 | 4;
  readonly pollfdSize: 8;
  /** struct msghdr: its size, where its flags lie, and whether its lengths are 64-bit numbers. */
  readonly msghdrSize: 56 | 48;
  readonly msghdrFlagsOffset: 48 | 44;
  readonly msghdrLengthSize: 8 | 4;
  /** struct cmsghdr: how many bytes its length has, and to how many bytes a control message is filled up. */
  readonly cmsgLengthSize: 8 | 4;
  readonly cmsgAlignment: 8 | 4;
}

const numbers = (table: ErrnoTable): Record<string, number> =>
  Object.fromEntries(Object.entries(table).map(([code, [number]]) => [code, number]));
const texts = (table: ErrnoTable): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([code, [, text]]) => [code, text]));

const COMMON = {
  sockaddrInSize: 16,
  sockaddrIn6Size: 28,
  unixPathOffset: 2,
  lingerSize: 8,
  timevalSize: 16,
  pollfdSize: 8,
} as const;

const LINUX = {
  ...COMMON,
  os: "linux",
  constants: LINUX_CONSTANTS,
  errno: numbers(LINUX_ERRNO),
  errnoTexts: texts(LINUX_ERRNO),
  sockaddrHasLength: false,
  unixPathSize: 108,
  timevalUsecSize: 8,
  msghdrSize: 56,
  msghdrFlagsOffset: 48,
  msghdrLengthSize: 8,
  cmsgLengthSize: 8,
  cmsgAlignment: 8,
} as const;

const DARWIN = {
  ...COMMON,
  os: "darwin",
  constants: DARWIN_CONSTANTS,
  errno: numbers(DARWIN_ERRNO),
  errnoTexts: texts(DARWIN_ERRNO),
  sockaddrHasLength: true,
  unixPathSize: 104,
  timevalUsecSize: 4,
  msghdrSize: 48,
  msghdrFlagsOffset: 44,
  msghdrLengthSize: 4,
  cmsgLengthSize: 4,
  cmsgAlignment: 4,
  epollEventSize: 16,
  epollDataOffset: 8,
} as const;

const PLATFORMS: Readonly<Record<PlatformName, PlatformFacts>> = {
  "linux-x64": { ...LINUX, name: "linux-x64", epollEventSize: 12, epollDataOffset: 4 },
  "linux-arm64": { ...LINUX, name: "linux-arm64", epollEventSize: 16, epollDataOffset: 8 },
  "darwin-x64": { ...DARWIN, name: "darwin-x64" },
  "darwin-arm64": { ...DARWIN, name: "darwin-arm64" },
};

/** The facts of one platform. linux-x64 is compared with a compiled C program; the other three are written from the headers and not run. */
export function factsOf(name: PlatformName): PlatformFacts {
  return PLATFORMS[name];
}
