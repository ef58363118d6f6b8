/**
 * What a handful of programs of 5,000 operations come to at the least, on the slowest machine: they are no test of errors alone, and each state is
 * reached in which something could go wrong. Most come to this five or ten times over in each; but of one alone chance could have it that
 * something rare is not in it.
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

/** What random programs have come to, all of them together. */
export class Reached {
  private readonly outcomes = new Map<string, number>();

  add(outcomes: ReadonlyMap<string, number>): void {
    for (const [outcome, times] of outcomes) this.outcomes.set(outcome, this.timesOf(outcome) + times);
  }

  /** What they have not come to, in words. */
  get missing(): string[] {
    return Object.entries(LEAST)
      .filter(([outcome, least]) => this.timesOf(outcome) < least)
      .map(([outcome, least]) => `${outcome}: ${this.timesOf(outcome)} times, and not ${least}`);
  }

  private timesOf(outcome: string): number {
    return this.outcomes.get(outcome) ?? 0;
  }
}
