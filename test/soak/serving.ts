import {
  AF_INET,
  type Handle,
  LOOPBACK,
  LOOPBACK6,
  type OtherProcess,
  type ProcessServer,
  type Server,
  SOCK_DGRAM,
  SOCK_STREAM,
  serve,
  socket,
} from "kernel-helpers";
import { Fault } from "./fault.js";
import type { Random } from "./random.js";

const NAMES = ["server one", "server two"];

/** A conversation is what its first letter says: it answers, fails, ends at once, or never ends. */
async function talk(conversation: Handle): Promise<void> {
  for await (const data of conversation) {
    if (data[0] === 0x66) throw new Error("it fails");
    if (data[0] === 0x65) return;
    if (data[0] === 0x6e) await new Promise(() => {});
    await conversation.sendAll(data);
  }
}

async function answerDatagrams(mailbox: Handle): Promise<void> {
  for (;;) {
    const { data, from } = await mailbox.recvfrom();
    if (data[0] === 0x66) throw new Error("it fails");
    if (data[0] === 0x65) return;
    await mailbox.sendto(data, from.address, from.port);
  }
}

/** The servers of a random program: started, started anew, asked and stopped, here and in another process. */
export class Serving {
  private readonly servers = new Map<string, { server: Server | ProcessServer; type: number }>();
  private asked = 0;

  constructor(
    private readonly random: Random,
    private readonly other?: OtherProcess,
  ) {}

  async start(): Promise<void> {
    const there = this.other !== undefined && this.random.chance(0.2);
    const name = `${this.random.pick(NAMES)}${there ? " there" : ""}`;
    const type = this.random.pick([SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM]);
    const options = {
      type,
      address: this.random.pick([LOOPBACK, LOOPBACK, LOOPBACK6, `\0${name} ${process.pid}`]),
      ...(this.random.chance(0.2) ? { most: 1 + this.random.below(2) } : {}),
    };
    const answer = type === SOCK_STREAM ? talk : answerDatagrams;
    const server = await (there ? this.other!.serve(name, options, answer) : serve(name, options, answer));
    this.servers.set(name, { server, type });
  }

  private any(): { server: Server | ProcessServer; type: number } {
    const all = [...this.servers.values()];
    if (all.length === 0) throw new RangeError("nothing serves");
    return this.random.pick(all);
  }

  /** Asks one of them: whoever answers answers with what it was asked. */
  async ask(): Promise<string> {
    const { server, type } = this.any();
    const { address, port } = server;
    const family = port === undefined ? 1 : address.includes(":") ? 10 : AF_INET;
    const kind = this.random.pick(["asks", "asks", "asks", "fails", "ends", "never ends"]);
    const text = `${kind} ${this.asked++}`;
    const client = socket("asking", family, type);
    if (type === SOCK_DGRAM)
      client.bind(
        family === AF_INET ? LOOPBACK : family === 10 ? LOOPBACK6 : `\0asking ${process.pid}`,
        port === undefined ? undefined : 0,
      );
    await client.connect(address, port, { timeout: 20 });
    await client.send(text, 0, { timeout: 20 });
    const got = String(await client.recv(100, 0, { timeout: kind === "asks" ? 200 : 5 }));
    if (got !== "" && got !== text) throw new Fault(`asked ${text}, and was answered ${got}`);
    // Now and then it stays, and the server is stopped or started anew with it.
    if (this.random.chance(0.7)) client.close();
    return got === "" ? "the end" : "answered";
  }

  async stop(): Promise<void> {
    const { server } = this.any();
    await server.stop({ within: this.random.pick([0, 2, 5]) });
    if (server.state !== "stopped") throw new Fault(`${server} after stop()`);
  }

  look(): void {
    const { server } = this.any();
    for (const count of [server.clients, server.served, server.failed])
      if (!Number.isInteger(count) || count < 0) throw new Fault(`${server} has ${count}`);
    if (String(server).includes("\n")) throw new Fault(`${server}`);
  }
}
