import { constants } from "./current";

/*
 * The constants that a learner types, each with the sentence that Shift-Tab shows. The numbers are the platform's own.
 */

/** Address family: none. connect() with it takes a datagram socket's peer away. See man 2 connect. */
export const AF_UNSPEC = constants.AF_UNSPEC;
/** Address family: Unix-domain sockets, on this machine only; the address is a path. See man 7 unix. */
export const AF_UNIX = constants.AF_UNIX;
/** Address family: IPv4. See man 7 ip. */
export const AF_INET = constants.AF_INET;
/** Address family: IPv6. See man 7 ipv6. */
export const AF_INET6 = constants.AF_INET6;

/** Socket type: a stream of bytes over a connection, in order and complete. Over IP this is TCP. See man 2 socket. */
export const SOCK_STREAM = constants.SOCK_STREAM;
/** Socket type: single messages (datagrams) without a connection. Over IP this is UDP. See man 2 socket. */
export const SOCK_DGRAM = constants.SOCK_DGRAM;
/** Socket type: the bare protocol; needs a privilege. See man 2 socket. */
export const SOCK_RAW = constants.SOCK_RAW;
/** Socket type: messages over a connection; AF_UNIX has it on Linux. See man 2 socket. */
export const SOCK_SEQPACKET = constants.SOCK_SEQPACKET;
/** Added to a type: no call on the socket waits; it fails with EAGAIN instead. See man 2 socket. */
export const SOCK_NONBLOCK = constants.SOCK_NONBLOCK;
/** Added to a type: another program that this one starts does not get the socket. See man 2 socket. */
export const SOCK_CLOEXEC = constants.SOCK_CLOEXEC;

/** Protocol and option level: IPv4. As a protocol it is 0, "the only one of the type". See man 7 ip. */
export const IPPROTO_IP = constants.IPPROTO_IP;
/** Protocol and option level: TCP. See man 7 tcp. */
export const IPPROTO_TCP = constants.IPPROTO_TCP;
/** Protocol: UDP. See man 7 udp. */
export const IPPROTO_UDP = constants.IPPROTO_UDP;
/** Option level: IPv6. See man 7 ipv6. */
export const IPPROTO_IPV6 = constants.IPPROTO_IPV6;
/** Option level: options that every kind of socket has. See man 7 socket. */
export const SOL_SOCKET = constants.SOL_SOCKET;

/** shutdown(): no more receiving. See man 2 shutdown. */
export const SHUT_RD = constants.SHUT_RD;
/** shutdown(): no more sending; the peer receives the end. See man 2 shutdown. */
export const SHUT_WR = constants.SHUT_WR;
/** shutdown(): neither. See man 2 shutdown. */
export const SHUT_RDWR = constants.SHUT_RDWR;

/** Flag: urgent (out-of-band) data. See man 2 send, man 2 recv. */
export const MSG_OOB = constants.MSG_OOB;
/** Flag of recv: leave the data in the queue. See man 2 recv. */
export const MSG_PEEK = constants.MSG_PEEK;
/** Flag of recv: return a datagram's true length, also when the buffer was shorter. See man 2 recv. */
export const MSG_TRUNC = constants.MSG_TRUNC;
/** Flag: do not wait, for this one call. See man 2 send, man 2 recv. */
export const MSG_DONTWAIT = constants.MSG_DONTWAIT;
/** Flag of recv and recvmsg: take an error from the socket's queue of errors (IP_RECVERR) instead of data. macOS does not have it: 0. See man 2 recvmsg. */
export const MSG_ERRQUEUE = constants.MSG_ERRQUEUE;
/** Told by recvmsg() in its flags: there was no room for all control messages. See man 2 recvmsg. */
export const MSG_CTRUNC = constants.MSG_CTRUNC;
/** Flag of recv on a blocking socket: wait until the whole length is there. See man 2 recv. */
export const MSG_WAITALL = constants.MSG_WAITALL;
/** Flag of send: no SIGPIPE when the peer is gone. It is always added here. See man 2 send. */
export const MSG_NOSIGNAL = constants.MSG_NOSIGNAL;

/** poll(): something can be received. See man 2 poll. */
export const POLLIN = constants.POLLIN;
/** poll(): something can be sent. See man 2 poll. */
export const POLLOUT = constants.POLLOUT;
/** poll(), told only: an error waits on the socket. See man 2 poll. */
export const POLLERR = constants.POLLERR;
/** poll(), told only: both directions are over. See man 2 poll. */
export const POLLHUP = constants.POLLHUP;
/** poll(): the peer has ended its sending direction. See man 2 poll. */
export const POLLRDHUP = constants.POLLRDHUP;

/** epoll: something can be received. See man 2 epoll_ctl. */
export const EPOLLIN = constants.EPOLLIN;
/** epoll: something can be sent. See man 2 epoll_ctl. */
export const EPOLLOUT = constants.EPOLLOUT;
/** epoll_ctl(): add a descriptor. See man 2 epoll_ctl. */
export const EPOLL_CTL_ADD = constants.EPOLL_CTL_ADD;
/** epoll_ctl(): change what is asked. See man 2 epoll_ctl. */
export const EPOLL_CTL_MOD = constants.EPOLL_CTL_MOD;
/** epoll_ctl(): take a descriptor out. See man 2 epoll_ctl. */
export const EPOLL_CTL_DEL = constants.EPOLL_CTL_DEL;

/** fcntl(): read a descriptor's flags. See man 2 fcntl. */
export const F_GETFD = constants.F_GETFD;
/** fcntl(): set a descriptor's flags. See man 2 fcntl. */
export const F_SETFD = constants.F_SETFD;
/** fcntl(): read the flags of what is open, O_NONBLOCK among them. See man 2 fcntl. */
export const F_GETFL = constants.F_GETFL;
/** fcntl(): set the flags of what is open. See man 2 fcntl. */
export const F_SETFL = constants.F_SETFL;
/** fcntl(): not inherited by a program that this one starts. See man 2 fcntl. */
export const FD_CLOEXEC = constants.FD_CLOEXEC;
/** fcntl(): no call waits. See man 2 fcntl. */
export const O_NONBLOCK = constants.O_NONBLOCK;

/** Backlog, in connections: the longest that listen() was made for; Linux cuts a longer one at net.core.somaxconn. See man 2 listen. */
export const SOMAXCONN = constants.SOMAXCONN;
