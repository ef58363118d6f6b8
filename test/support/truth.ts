import { randomUUID } from "node:crypto";
import { type Handle, trace } from "kernel-helpers";
import * as calls from "../../kernel-helpers/dist/calls/index.js";
import {
  type Conversation,
  type Evidence,
  fromSteps,
  type Link,
  readConversation,
} from "../../kernel-helpers/dist/conversation/index.js";

/** Longer than what the record keeps of a payload: what comes after it is seen by who receives it, and not by the model. */
const HIDDEN = 1100;

/** A handle, of this process or of another one, as far as these scenes use it. */
interface Speaker {
  readonly name: string;
  sendto(data: string, address: string, port?: number): Promise<number>;
  send(data: string): Promise<number>;
  recvfrom(length: number, flags: number, options: { timeout: number }): Promise<{ data: Buffer }>;
  recv(length: number, flags: number, options: { timeout: number }): Promise<Buffer>;
  accept(options: { timeout: number }): Promise<Speaker & { getpeername(): unknown }>;
}

/** Says the truth about who received what, which the record does not have: every payload has a sign at its end that only its receiver sees. */
export class Truth {
  private readonly sent = new Map<string, number>();
  private readonly received = new Map<number, string>();
  private readonly inQueue = new Map<string, string>();

  constructor(
    /** What all payloads begin with, alike; without it, each with a sign of its own, which the record keeps. */
    private readonly alike: boolean,
  ) {}

  private payload(): [text: string, sign: string] {
    const sign = randomUUID();
    return [`${this.alike ? "" : sign} ${"-".repeat(HIDDEN)} ${sign}`, sign];
  }

  async sendto(from: Speaker, address: string, port?: number): Promise<void> {
    const [text, sign] = this.payload();
    await from.sendto(text, address, port);
    this.sent.set(sign, lastStep());
  }

  async send(from: Speaker): Promise<void> {
    const [text, sign] = this.payload();
    await from.send(text);
    this.sent.set(sign, lastStep());
  }

  /** Receives a datagram if one is there, and says whether it was. */
  async receive(at: Speaker): Promise<boolean> {
    const data = await arrived(() => at.recvfrom(4096, 0, { timeout: 0 }).then(({ data }) => data));
    if (data !== undefined) this.received.set(lastStep(), signOf(data));
    return data !== undefined;
  }

  /** Receives bytes of a stream: as many as one send has sent. */
  async read(at: Speaker): Promise<void> {
    const data = await at.recv(4096, 0, { timeout: 2000 });
    this.received.set(lastStep(), signOf(data));
  }

  /**
   * What the model says, and in words what of it is not so. It is asked before what waits in the queues is taken out, which is how the truth
   * about that is known.
   *
   * @param open the sockets in whose queues something may wait
   */
  async judge(
    open: readonly Speaker[],
    more: Partial<Evidence> = {},
  ): Promise<{ model: Conversation; wrong: string[] }> {
    const steps = trace.steps();
    const model = readConversation({ steps: fromSteps(steps, calls), ...more });
    for (const speaker of open) {
      for (;;) {
        const data = await arrived(() => speaker.recvfrom(4096, 0, { timeout: 0 }).then(({ data }) => data));
        if (data === undefined) break;
        this.inQueue.set(signOf(data), speaker.name);
      }
    }
    const idOf = (index: number): number => steps[index]!.id;
    const wrong = model.links.flatMap((link) => this.faultOf(link, model, idOf) ?? []);
    return { model, wrong };
  }

  private faultOf(link: Link, { sockets }: Conversation, idOf: (index: number) => number): string | undefined {
    if (link.cargo !== "datagram" && link.cargo !== "bytes") return undefined;
    const { fate, from, to, socket } = link;
    const sign = from === undefined ? undefined : [...this.sent].find(([, id]) => id === idOf(from))?.[0];
    const took = to === undefined ? undefined : this.received.get(idOf(to));
    const at = socket === undefined ? undefined : sockets[socket]!.handle;
    const says = `${link.cargo} ${sign}: ${fate} at ${at} (${link.known}: ${link.because})`;
    const somewhere = sign !== undefined && ([...this.received.values()].includes(sign) || this.inQueue.has(sign));
    switch (fate) {
      case "taken":
        return took === sign ? undefined : `${says}; in truth that call received ${took}`;
      case "queued":
        return this.inQueue.get(sign!) === at ? undefined : `${says}; in truth ${this.inQueue.get(sign!)} had it`;
      default:
        if (from === undefined)
          return this.sent.has(took ?? "") ? `${says}; in truth a socket of the record sent it` : undefined;
        return somewhere ? `${says}; in truth it arrived` : undefined;
    }
  }
}

function lastStep(): number {
  return trace.steps(1)[0]!.id;
}

function signOf(data: Buffer): string {
  return data.toString().slice(-36);
}

/** What a call that tries once gets. */
async function arrived(call: () => Promise<Buffer>): Promise<Buffer | undefined> {
  try {
    return await call();
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return undefined;
    throw error;
  }
}

/** Which accept took which connect, by the names of the handles: what the model says. */
export function accepted({ calls: all, links }: Conversation): string[] {
  return links.flatMap(({ cargo, fate, from, to, known }) =>
    cargo === "connection" && fate === "taken"
      ? [`${all[from!]!.step.handle} → ${all[to!]!.step.opened} ${known}`]
      : [],
  );
}

export type { Handle };
