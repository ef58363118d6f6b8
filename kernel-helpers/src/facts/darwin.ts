import type { Constants } from "./linux";

/**
 * Constants of macOS, the same on x64 and arm64. Written from its headers; they have not been run on a Mac.
 *
 * A flag or command that macOS lacks is 0, so that or-ing it in changes nothing:
 * - SOCK_CLOEXEC and SOCK_NONBLOCK do not exist: use fcntl F_SETFD and F_SETFL after the call;
 * - MSG_NOSIGNAL is left out in favour of the option SO_NOSIGPIPE, which every macOS knows;
 * - there is no epoll and no eventfd.
 *
 * The SOL_… levels other than SOL_SOCKET are the IPPROTO_… numbers, as macOS has no names of its own for them.
 */
export const DARWIN_CONSTANTS: Constants = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 30,
  AF_NETLINK: 0,
  AF_PACKET: 0,

  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_RDM: 4,
  SOCK_SEQPACKET: 5,
  SOCK_CLOEXEC: 0,
  SOCK_NONBLOCK: 0,

  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_IPV6: 41,
  IPPROTO_ICMPV6: 58,
  IPPROTO_SCTP: 132,
  IPPROTO_UDPLITE: 0,
  IPPROTO_RAW: 255,

  SOL_IP: 0,
  SOL_SOCKET: 0xffff,
  SOL_TCP: 6,
  SOL_UDP: 17,
  SOL_IPV6: 41,

  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,

  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_DONTROUTE: 0x4,
  MSG_CTRUNC: 0x20,
  MSG_TRUNC: 0x10,
  MSG_DONTWAIT: 0x80,
  MSG_EOR: 0x8,
  MSG_WAITALL: 0x40,
  MSG_FIN: 0,
  MSG_SYN: 0,
  MSG_CONFIRM: 0,
  MSG_RST: 0,
  MSG_ERRQUEUE: 0,
  MSG_NOSIGNAL: 0,
  MSG_MORE: 0,
  MSG_WAITFORONE: 0,
  MSG_BATCH: 0,
  MSG_ZEROCOPY: 0,
  MSG_FASTOPEN: 0,
  MSG_CMSG_CLOEXEC: 0,

  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLRDBAND: 0x80,
  // macOS defines POLLWRNORM as POLLOUT itself: one bit, one name.
  POLLWRNORM: 0x4,
  POLLWRBAND: 0x100,
  POLLMSG: 0,
  POLLREMOVE: 0,
  POLLRDHUP: 0,

  EPOLLIN: 0,
  EPOLLPRI: 0,
  EPOLLOUT: 0,
  EPOLLERR: 0,
  EPOLLHUP: 0,
  EPOLLRDNORM: 0,
  EPOLLRDBAND: 0,
  EPOLLWRNORM: 0,
  EPOLLWRBAND: 0,
  EPOLLMSG: 0,
  EPOLLRDHUP: 0,
  EPOLLEXCLUSIVE: 0,
  EPOLLWAKEUP: 0,
  EPOLLONESHOT: 0,
  EPOLLET: 0,
  EPOLL_CTL_ADD: 0,
  EPOLL_CTL_DEL: 0,
  EPOLL_CTL_MOD: 0,
  EPOLL_CLOEXEC: 0,

  EFD_SEMAPHORE: 0,
  EFD_CLOEXEC: 0,
  EFD_NONBLOCK: 0,

  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 67,
  FD_CLOEXEC: 1,

  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_APPEND: 0x8,
  O_NONBLOCK: 0x4,
  O_CLOEXEC: 0x1000000,

  SOMAXCONN: 128,

  INADDR_ANY: 0,
  INADDR_LOOPBACK: 0x7f000001,
  INADDR_BROADCAST: 0xffffffff,
};
