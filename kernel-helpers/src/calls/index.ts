export { accept, tryAccept } from "./accept";
export { sockaddr } from "./address";
export { type Data, int, part, payload, sizeOf } from "./arguments";
export { bind } from "./bind";
export { beforeClose, close, closeAtOnce, lingering } from "./close";
export { connect, tryConnect } from "./connect";
export type { Meaning, Shown, Tried } from "./description";
export { afterOpen, keep } from "./descriptors";
export { dup } from "./dup";
export { epoll_create1 } from "./epoll_create";
export { changeSet, epoll_ctl } from "./epoll_ctl";
export { epoll_wait } from "./epoll_wait";
export type { EpollEvent } from "./epoll-event";
export { eventfd, wakeByEventfd } from "./eventfd";
export { beforeBlocking, fcntl } from "./fcntl";
export { getpeername } from "./getpeername";
export { getsockname } from "./getsockname";
export { getsockopt, setsockopt } from "./getsockopt";
export { listen } from "./listen";
export { loopbackUp } from "./loopback-up";
export { type PollEntry, poll } from "./poll";
export { recv, recvfrom, tryRecv, tryRecvfrom } from "./recv";
export { recvmsg, tryRecvmsg } from "./recvmsg";
export { send, sendFlags, sendto, trySend, trySendto, wakeBySocket } from "./send";
export { type MessageToSend, sendmsg, trySendmsg } from "./sendmsg";
export { shutdown } from "./shutdown";
export { socket } from "./socket";
export { socketpair } from "./socketpair";
export {
  actsAtOnce,
  type Call,
  type CallName,
  type CallRecord,
  exactText,
  failureOf,
  mustSucceed,
  shortText,
  shownOf,
  toldText,
} from "./table";
export { exactAddress } from "./words";
