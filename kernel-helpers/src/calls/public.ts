/*
 * The C calls on numbers, one to one: what a learner finds under `calls`.
 */
export { accept } from "./accept";
export { bind } from "./bind";
export { close, dup } from "./close";
export { connect } from "./connect";
export { epoll_create1, epoll_ctl, epoll_wait } from "./epoll";
export { fcntl } from "./fcntl";
export { listen } from "./listen";
export { getpeername, getsockname } from "./names";
export { poll } from "./poll";
export { recv, recvfrom } from "./recv";
export { send, sendto } from "./send";
export { shutdown } from "./shutdown";
export { socket, socketpair } from "./socket";
export { getsockopt, setsockopt } from "./sockopt";
