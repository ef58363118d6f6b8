/**
 * What 5,000 operations come to at the least, on the slowest machine: it is no test of errors alone, and each state is reached in which something
 * could go wrong. Most come to five or ten times as much.
 */
const LEAST: Readonly<Record<string, number>> = {
  "pair ok": 20,
  "connect ok": 20,
  "connect ECONNREFUSED": 1,
  "connect EISCONN": 3,
  "accept ok": 3,
  "accept ERR_WAIT_TIMEOUT": 20,
  "accept in the background closed meanwhile": 1,
  "bind ok": 5,
  "bind EINVAL": 5,
  "listen ok": 20,
  "send ok": 20,
  "send EPIPE": 20,
  "sendAll ok": 10,
  "sendAll EPIPE": 10,
  "sendAll in the background ok": 2,
  "bulk ok": 2,
  "recv ok": 50,
  "recv EAGAIN": 3,
  "recv ERR_WAIT_TIMEOUT": 10,
  "recv ENOTCONN": 2,
  "recv in the background ok": 10,
  "recvExactly ok": 5,
  "recvExactly ERR_STREAM_ENDED": 10,
  "for await ok": 5,
  "for await closed meanwhile": 3,
  "sendto ok": 20,
  "recvfrom ok": 10,
  "recvfrom in the background ok": 2,
  "recvmsg ok": 1,
  "serve ok": 10,
  "ask answered": 10,
  "ask the end": 3,
  "stop ok": 4,
  "reset ok": 8,
  "shutdown ok": 10,
  "number ok": 4,
  "close ok": 20,
};

/** What a program of so many operations has not come to, in words. */
export function unreached(outcomes: ReadonlyMap<string, number>): string[] {
  return Object.entries(LEAST)
    .filter(([outcome, least]) => (outcomes.get(outcome) ?? 0) < least)
    .map(([outcome, least]) => `${outcome}: ${outcomes.get(outcome) ?? 0} times, and not ${least}`);
}
