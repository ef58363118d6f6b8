/*
 * The C calls on numbers, one to one: what a learner finds under `calls`.
 */
export { accept } from "./accept";
export { bind } from "./bind";
export { close } from "./close";
export { connect } from "./connect";
export { dup } from "./dup";
export { epoll_create1 } from "./epoll_create";
export { epoll_ctl } from "./epoll_ctl";
export { epoll_wait } from "./epoll_wait";
export { fcntl } from "./fcntl";
export { getpeername } from "./getpeername";
export { getsockname } from "./getsockname";
export { getsockopt, setsockopt } from "./getsockopt";
export { listen } from "./listen";
export { poll } from "./poll";
export { recv, recvfrom } from "./recv";
export { recvmsg } from "./recvmsg";
export { send, sendto } from "./send";
export { sendmsg } from "./sendmsg";
export { shutdown } from "./shutdown";
export { socket } from "./socket";
export { socketpair } from "./socketpair";
