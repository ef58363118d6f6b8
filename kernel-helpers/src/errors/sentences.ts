import { noun } from "../bytes/noun";

/*
 * Every sentence that the helpers say beside a call: what it waits for, what has not happened, what is so now and what to do. Each is a
 * function of words, so that a test can look for it whatever the words are: test/real/advice.test.ts provokes every one of them, and holds
 * it against the system. What is said of an errno stands in advice-table.ts.
 */

type Sentence = (...words: string[]) => string;

const LONGER = "give it a longer timeout";
const INSTEAD = "leave out `await` to let it wait in the background";

/** "2 of the 5 bytes" */
const partOf = (part: string, length: string): string => `${part} of the ${length} ${noun(length, "byte")}`;
const AWAIT_IT = "Write `await` before the call, so that the next one is made when it has returned";
const noneOf = (length: string): string => (length === "1" ? "no byte" : `none of the ${length} bytes`);

export const SENTENCES = {
  // What a call waits for: the rest of its line.
  waitsForClient: () => "waits for a client",
  waitsForData: () => "waits for data",
  waitsForDatagram: () => "waits for a datagram",
  waitsForRest: (waits, count) => `${waits}: ${count} ${noun(count, "byte is", "bytes are")} missing`,
  waitsForMore: (count) => `waits for ${count} more ${noun(count, "byte")}`,
  waitsForAnswer: (place) => `waits for an answer from ${place}`,
  waitsForConnection: () => "waits until the connection is set up",
  waitsForReader: () => "waits for room: the buffers are full",
  waitsForRoom: () => "waits for room: its sending buffer is full",
  waitsForPort: () => "waits for a port: the system has none left for it",

  // What has not happened when its time is over.
  noClient: (place) => `no client has connected to ${place}`,
  noAnswer: (place) => `nobody has answered at ${place}`,
  nothingArrived: () => "nothing has arrived",
  nothingArrivedFrom: (peer) => `nothing has arrived from ${peer}`,
  notAllArrived: (missing, length) => `${partOf(missing, length)} ${noun(missing, "has", "have")} not arrived`,
  notAllArrivedFrom: (missing, length, peer) =>
    `${partOf(missing, length)} ${noun(missing, "has", "have")} not arrived from ${peer}`,
  gotTooFew: (got, length) => `got ${partOf(got, length)}, and then the end of the stream`,
  notConnectedYet: () => "the connection is not set up yet",
  notRead: () => "the other end has not read: the buffers are full",
  notGone: () => "the system has not sent what is in its sending buffer",
  noPort: () => "the system had no port for it",

  // What to do then. With a timeout of one's own, leaving out `await` changes nothing.
  runClient: () => "Run the cell with client.connect(…), or leave out `await` to let accept wait in the background.",
  runClientLonger: () => `Run the cell with client.connect(…), or ${LONGER}.`,
  runSender: (call) =>
    `Run the cell in which the other end sends, or leave out \`await\` to let ${call} wait in the background.`,
  runSenderLonger: () => `Run the cell in which the other end sends, or ${LONGER}.`,
  runReceiver: () => `Run the cell in which the other end receives, or ${INSTEAD}.`,
  runReceiverLonger: () => `Run the cell in which the other end receives, or ${LONGER}.`,
  readFirst: () => "Run the cell in which the other end receives.",
  awaitConnect: () => `Await its connect() first, or ${INSTEAD}.`,
  awaitConnectLonger: () => `Await its connect() first, or ${LONGER}.`,
  sendLater: () => "Nothing of it was sent: the call can be made again.",
  closeSockets: () => "Close sockets that have a port, or bind() this one to a port that is free.",
  connectTimedOut: (name) =>
    `The server's queue may be full, because it does not accept, or nothing is there. The socket is closed: run the cell with socket("${name}", …) again.`,

  ownTimeout: (option, name, time) => `${option} of "${name}" has passed: ${time}.`,
  descriptorBlocks: (time) =>
    `The descriptor blocks, and its time is over: ${time} unless you have set SO_RCVTIMEO or SO_SNDTIMEO, because the whole notebook stands still meanwhile. Let the other end act first, ask with poll(), or make it non-blocking (SOCK_NONBLOCK).`,

  // What an interrupt, or anything else that ends a call too early, leaves behind.
  nothingLost: () => "Nothing was lost: the handle is as it was before this call, which can be made again.",
  connectInterrupted: (name) =>
    `The socket is closed, because nobody knows what becomes of its handshake now: run the cell with socket("${name}", …) again.`,
  tookNone: (length) => `The system took ${noneOf(length)}: the call can be made again.`,
  tookNothing: (length) => `The system took ${noneOf(length)}.`,
  tookSome: (taken, length) =>
    `The system took ${partOf(taken, length)}; run again, the cell sends ${noun(taken, "that one", "those")} twice. To send the rest, begin at byte ${taken}.`,
  gaveSome: (got, length) =>
    `The system gave ${partOf(got, length)}, and ${noun(got, "it is", "they are")} in no queue any more: the error has ${noun(got, "it", "them")} as its data.`,
  endAgain: (call) =>
    `0 bytes again, because the peer has closed, or has shut down its sending side: ${call} returns 0 bytes every time. An empty Buffer is no end for \`if (!data)\`: leave the loop with \`if (data.length === 0) break;\`.`,
  peerEnded: () => "The peer has closed, or has shut down its sending side.",
  outcomeUnknown: (process) => `${process} does not answer: whether it has made the call is not known.`,
  everyInterrupted: (count) => `It was done ${count} ${noun(count, "time")}. Run again, the cell begins at 0.`,
  startInterrupted: () => "Nothing was started. Run the cell again.",
  startTooLong: () => "It was ended. Run the cell again.",
  noDescriptor: () =>
    "There is no descriptor left to look with, and the one that the workshop keeps for that is gone too. Run closeAll(), or close() what is no longer used, and then this again.",
  noPipes: () =>
    "There is no descriptor left for the pipes to another process. Run closeAll(), or close() what is no longer used, and then this cell again.",
  threadEnded: (why) =>
    `The thread that waits for sockets has ended: ${why}. Every wait has ended with it. The next call that has to wait starts another one, if one can be started.`,

  // A receive behind another one of the same handle.
  waitsBehind: (earlier, name) => `An earlier ${earlier} on "${name}" still waits, and takes what comes first.`,
  earlierTook: (earlier, name) => `An earlier ${earlier} on "${name}" has taken what came first.`,

  // A handle that is closed.
  closedServeAgain: (why, name) =>
    `${why}. For a new one, connect to the server again; if that has ended, run the cell with serve("${name}", …).`,
  closedRunAgain: (why, name) => `${why}. Run the cell with socket("${name}", …) again, and the cells after it.`,
  wasClosed: () => "It was closed",
  openedAnew: (name) => `socket("${name}", …) opened it anew`,
  closedByAll: () => "closeAll() closed it",
  closedBehind: () => "Its descriptor was closed",
  numberTaken: () => "Its descriptor was closed, and something else has its number",
  otherCode: () => "Other code closed its descriptor",
  connectGivenUp: () => "Its connect() was given up",
  processStopped: () => "Its process was stopped",
  closedLongAgo: () => "It was closed long ago. Open it anew.",
  closedAlready: (name, where) => `"${name}" is closed already${where}: nothing to do.`,
  closedElsewhere: (name) => `Other code closed the descriptor of "${name}": nothing is left to close.`,
  noHandleOpen: () => "No handle is open.",

  // A cell that is run again.
  bindAgain: (name, local) =>
    `You ran this cell before, and "${name}" is still bound to ${local}: a socket is bound once. Nothing has changed.`,
  connectAgain: (name) => `You ran this cell before, and "${name}" is still connected: nothing has changed.`,
  stillWaits: (call) => `You ran this cell before, and its ${call} still waits: it goes on waiting.`,
  noNewClient: (name) =>
    `You ran this cell before, and no new client has come since: accept would wait. "${name}" stays.`,
  nothingNew: (call) =>
    `You ran this cell before, and nothing new has arrived: ${call} would wait. What the last run received stays.`,

  // What a learner does not see in the call itself.
  tooManyWait: () => `${AWAIT_IT}; close() ends them all.`,
  tooManyCalls: () => `${AWAIT_IT}.`,
  connectUnderWay: () => "Await the first connect() before the next.",
  handshakeUndone: (name) => `shutdown() on "${name}" took the handshake back. The next connect() begins anew.`,
  newSocket: () => "The connect before this one failed, and a socket connects once: a new socket takes the name.",
  newSocketUnbound: (local) =>
    `The connect before this one failed, and a socket connects once: a new socket takes the name. It is not bound to ${local} any more.`,
  chosenPort: (local) => `It was not bound, so the system chose ${local}.`,
  ephemeralPort: (first, last, port) =>
    `Careful: the system gives ports ${first} to ${last} to clients, so another program can have ${port} tomorrow. Choose one below ${first}.`,
  clientGone: (name, where) =>
    `This client was your handle "${name}", and it closed${where}. For the next one in the queue, accept again.`,
  connectedToItself: (who, place) =>
    `${who} is connected to itself: both of its ends are ${place}, and it receives what it sends. No other socket has a part in it. Its SYN met itself, which TCP takes for a simultaneous open (RFC 9293, section 3.5).`,
  datagramsToItself: (who, place) =>
    `${who} sends to itself: ${place} is its own address, and it receives what it sends.`,
  wouldLinger: (time) =>
    `With SO_LINGER close() would wait ${time} for the other end, and the whole notebook with it: it was switched off first. The system goes on sending what is on its way.`,
  fileRemoved: (path) => `close() leaves the socket's file behind. As this handle made it, ${path} is removed too.`,

  // A cell with more lines than anybody reads.
  moreLines: (lines) =>
    `(${lines} not printed, nor is what may follow. trace.steps() returns the last 5,000 calls, ladder() draws the last 200; trace.silently(…) makes a loop print none.)`,
  linesNotPrinted: (most) =>
    `(A cell prints ${most} lines of the trace, and no more. trace.steps() returns the last 5,000 calls, ladder() draws the last 200; trace.silently(…) makes a loop print none.)`,

  // Loss.
  losesAll: (what, name) => `From now on the system throws away all of the ${what} that arrive at "${name}".`,
  losesSome: (share, what, name) =>
    `From now on the system throws away ${share} of the ${what} that arrive at "${name}", by chance.`,
  losesNothing: (name) => `From now on the system throws away nothing at "${name}" by chance.`,
  lostNothing: (name) => `"${name}" had no filter: nothing is thrown away by chance, as before.`,
  lossNotAllowed: () =>
    `Only a process with the privilege CAP_NET_ADMIN may lose segments of TCP. Every user has it in a network of their own, where the system allows one: await otherProcess("lab", { network: "own" }).`,

  // Who has what a call wanted.
  handlesOpen: (count) => ` ${count} ${noun(count, "handle is", "handles are")} open.`,
  portOfHandle: (name, state) => `The port is taken by your own handle "${name}" (${state}).`,
  portOfOtherHandle: (name, process, pid) =>
    `The port is taken by "${name}", a handle of your other process "${process}" (pid ${pid}).`,
  portOfDescriptor: (port, fd) =>
    `Port ${port} is taken by descriptor ${fd} of this notebook, which is no handle's. Close it with calls.close(${fd}), or choose another port.`,
  portOfNode: (port, fd) =>
    `Port ${port} is taken by descriptor ${fd} of this notebook, which other code has opened, such as node:net. Close it there, or choose another port.`,
  portOfProcess: (port, pid, command, state) =>
    `Port ${port} is taken by another process: pid ${pid}, ${command} (${state}). Choose another port, or end that program.`,
  portHidden: (port, state, uid) =>
    `Port ${port} is taken by a socket of user ${uid} (${state}). Which process has it could not be found out: it is one that you may not look at, or the system itself. Choose another port.`,
  portInTimeWait: (port) =>
    `Port ${port} has a closed connection in TIME_WAIT: the system keeps it for up to 60 s. Wait, choose another port, or set SO_REUSEADDR before bind(), on the old socket as well as on the new one.`,
  portClosing: (port, state) =>
    `Port ${port} has a connection that no process has any more and that is not at its end yet (${state}). Wait until its other end has closed, or choose another port.`,
  portUnlisted: (port) =>
    `Port ${port} is taken by another process, or by a descriptor of yours without a handle. Its socket is bound and does not listen, and the system's table does not show such a socket. Choose another port.`,
  portUnknown: (port) =>
    `Port ${port} is taken by another process, by a descriptor of yours without a handle, or (TCP) by a closed connection in TIME_WAIT: the system does not show which. Choose another port.`,
  noFreePort: (first, last, named, tried) =>
    `No free port was found from ${first} to ${last}: ${named} ${noun(named, "has", "have")} a name in this notebook, and ${tried} ${noun(tried, "other was looked at and is", "others were looked at and are")} taken. See who has them: ss -tuanp`,
  pathOfHandle: (path, name) => `${path} is taken by your own handle "${name}". Close it, or choose another path.`,
  pathOfSocket: (path) =>
    `${path} is taken by a socket that is open, of another program or of yours without a handle. Close it, or choose another path.`,
  pathLeft: (path) =>
    `${path} is a socket's file that no open socket is listed with: a closed one can have left it. If no program uses it, remove that file, or choose another path.`,
  pathOfFile: (path) => `${path} is there already, and is no socket. Choose another path.`,

  // The other process.
  processStarted: (pid) => `started as process ${pid}`,
  processStartedAlone: (pid) =>
    `started as process ${pid}, in a network of its own: from outside nobody can reach its ports`,
  processEnded: (process) => `${process}, and the system closed its sockets`,
  runProcessAgain: (name) => `Run the cell with otherProcess("${name}") again, and the cells after it.`,
  processGone: (pid, name) => `Process ${pid} (${name}) has ended already: nothing to do.`,
  processSilent: () =>
    'It is busy or stands still. If it was stopped with SIGSTOP, kill("SIGCONT") lets it go on: it makes the call then, if that need not wait.',
  networkNotAllowed: (name) =>
    `It works on Linux where user namespaces are allowed (man 7 user_namespaces). Without it: otherProcess("${name}").`,
  handlesAtEnd: (pid, how, names) => `process ${pid} ${how}; the system closed ${names}`,
  fileLeft: (path) => `The end of the process left a socket's file behind: ${path} is removed.`,
  processAtEnd: (pid, how) => `process ${pid} ${how}`,
} satisfies Record<string, Sentence>;
