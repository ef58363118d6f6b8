import { describe, expect, it } from "vitest";
import {
  type Conversation,
  type ConversationStep,
  type Evidence,
  readConversation,
} from "../../../kernel-helpers/dist/conversation/index.js";
import { ladders } from "../../pictures/scenes/index.mjs";
import { did, failed, streamSocket, waited } from "../../pictures/scenes/steps.mjs";

/** The links of a scene in words, each as `cargo from>to bytes fate`. */
function linksOf(evidence: Evidence): string[] {
  const { calls, sockets, links } = readConversation(evidence);
  return links.map(({ cargo, from, to, socket, bytes, fate }) => {
    const name = (index: number): string => `${calls[index]!.step.handle}.${calls[index]!.step.call}`;
    const target = to === undefined ? (socket === undefined ? "?" : sockets[socket]!.handle) : name(to);
    const source = from === undefined ? "?" : name(from);
    return [cargo, `${source}>${target}`, ...(bytes === undefined ? [] : [`${bytes}`]), fate].join(" ");
  });
}

/** Who reaches whom with how many bytes. */
const readable = ({ calls, sockets, links }: Conversation): string[] =>
  links.map(({ from, socket, bytes }) =>
    `${calls[from!]!.step.handle}>${socket === undefined ? "nobody" : sockets[socket]!.handle} ${bytes ?? ""}`.trim(),
  );

const arrows = (steps: readonly ConversationStep[]): string[] => linksOf({ steps });
const of = (name: string): string[] => linksOf(ladders[name]!.scene);

describe("what went where", () => {
  it("five bytes sent, two and three received, are two arrows; two sends and one receive are two", () => {
    expect(of("split-and-merge").slice(2)).toEqual([
      "bytes client.send>server→1.recv 2 taken",
      "bytes client.send>server→1.recv 3 taken",
      "bytes client.send>server→1.recv 2 taken",
      "bytes client.send>server→1.recv 2 taken",
      "bytes client.send>server→1.recv 2 taken",
      "bytes client.send>server→1 4 queued",
    ]);
  });

  it("accept takes the connection of the client that it names, not the first in the queue", () => {
    const scene = ladders["two-clients"]!.scene.steps;
    expect(of("two-clients").filter((arrow) => arrow.startsWith("connection"))).toEqual([
      "connection anna.connect>server.accept taken",
      "connection ben.connect>server.accept taken",
      "connection carla.connect>server queued",
    ]);
    const swapped = scene.map((step) =>
      step.call !== "accept"
        ? step
        : { ...step, address: step.address === "127.0.0.1:45230" ? "127.0.0.1:45231" : "127.0.0.1:45230" },
    );
    expect(arrows(swapped).slice(0, 1)).toEqual(["connection ben.connect>server.accept taken"]);
    // What was received is not what was sent then, so nobody knows whose bytes they are.
    expect(arrows(swapped).filter((arrow) => arrow.startsWith("bytes") && arrow.includes("taken"))).toEqual([]);
  });

  it("a client of a listener on every address is found, through IPv6 too", () => {
    const steps = (local: string, target: string, from: string): ConversationStep[] => [
      streamSocket("server", 0, 3),
      did("server", "bind", 1, { address: local, local }),
      did("server", "listen", 2, { local }),
      streamSocket("client", 3, 4),
      did("client", "connect", 4, { address: target, peer: target, local: "127.0.0.1:40000" }),
      did("server", "accept", 5, { result: 5, opened: "server→1", address: from }),
    ];
    const found = "connection client.connect>server.accept taken";
    expect(arrows(steps("0.0.0.0:80", "127.0.0.1:80", "127.0.0.1:40000"))).toContain(found);
    expect(arrows(steps("[::]:80", "127.0.0.1:80", "[::ffff:127.0.0.1]:40000"))).toContain(found);
    expect(arrows(steps("127.0.0.1:81", "127.0.0.1:80", "127.0.0.1:40001"))).not.toContain(found);
  });

  it("the same addresses in two networks are other ends", () => {
    const at = (pid: number, name: string): ConversationStep[] =>
      [
        streamSocket(`server ${name}`, pid, 3),
        did(`server ${name}`, "bind", pid + 1, { address: "127.0.0.1:80", local: "127.0.0.1:80" }),
        did(`server ${name}`, "listen", pid + 2, { local: "127.0.0.1:80" }),
        did(`box ${name}`, "bind", pid + 3, { address: "127.0.0.1:53", local: "127.0.0.1:53", kind: "datagram" }),
        did(`path ${name}`, "bind", pid + 3, { address: "unix:/p", local: "unix:/p", kind: "datagram" }),
      ].map((step) => ({ ...step, pid }));
    const asks = (pid: number, name: string, time: number): ConversationStep[] =>
      [
        streamSocket(`client ${name}`, time, 4),
        did(`client ${name}`, "connect", time + 1, { address: "127.0.0.1:80", local: "127.0.0.1:40000" }),
        did(`mouth ${name}`, "sendto", time + 2, { address: "127.0.0.1:53", result: 1, kind: "datagram" }),
        did(`mouth ${name}`, "sendto", time + 3, { address: "unix:/p", result: 2, kind: "datagram" }),
        did(`mouth ${name}`, "sendto", time + 4, { address: "unix:@p", result: 3, kind: "datagram" }),
      ].map((step) => ({ ...step, pid }));
    const steps = [...at(1, "here"), ...at(10, "there"), ...asks(10, "there", 20), ...asks(1, "here", 30)];
    const networks = [{ pid: 10, network: "net:[2]" }];
    const found = readable(readConversation({ steps, networks }));
    expect(found.sort()).toEqual([
      "client here>server here",
      "client there>server there",
      "mouth here>box here 1",
      "mouth here>nobody 3",
      "mouth here>path there 2",
      "mouth there>box there 1",
      "mouth there>nobody 3",
      "mouth there>path there 2",
    ]);
    // One network, in which two sockets have each address: nobody knows which of them is meant.
    expect(readable(readConversation({ steps })).filter((link) => /server|box/.test(link))).toEqual([]);
  });

  it("what is sent to one address time after time reaches who has the address then", () => {
    const box = (name: string, call: string, time: number, more: object = {}) =>
      did(name, call, time, { kind: "datagram", ...more });
    const has = { address: "127.0.0.1:53", local: "127.0.0.1:53" };
    const sends = (bytes: number, time: number, pid?: number): ConversationStep => ({
      ...box("pen", "sendto", time, { address: "127.0.0.1:53", local: "127.0.0.1:40000", result: bytes }),
      ...(pid === undefined ? {} : { pid }),
    });
    const turns = (pid?: number): ConversationStep[] => [
      sends(1, 0, pid),
      box("one", "bind", 100, has),
      sends(2, 110, pid),
      box("one", "close", 200),
      sends(3, 210, pid),
      box("other", "bind", 300, has),
      sends(4, 310, pid),
      box("other", "connect", 400, { ...has, address: "127.0.0.1:9", peer: "127.0.0.1:9" }),
      sends(5, 410, pid),
      box("other", "connect", 500, { ...has, address: "127.0.0.1:40000", peer: "127.0.0.1:40000" }),
      sends(6, 510, pid),
    ];
    const found = ["pen>nobody 1", "pen>nobody 3", "pen>one 2", "pen>other 4", "pen>other 5", "pen>other 6"];
    for (const steps of [turns(), turns(7)]) expect(readable(readConversation({ steps })).sort()).toEqual(found);
    const fates = readConversation({ steps: turns() }).links.map(({ bytes, fate, reason }) => [bytes, fate, reason]);
    expect(fates).toContainEqual([5, "lost", "not its peer"]);
    // Of a process whose clock can be 5 ms before or after: until then nobody may have had the address.
    const early = [sends(1, 94, 7), sends(2, 96, 7), box("one", "bind", 100, has)];
    expect(readable(readConversation({ steps: early }))).toEqual(["pen>nobody 1", "pen>one 2"]);
  });

  it("with a process its sockets end: what waits there is lost, and its connections break or end", () => {
    const { steps, ends } = ladders["process-ended"]!.scene;
    const sends = (time: number): ConversationStep =>
      did("client", "send", time, { pid: 4700, data: "late", result: 4, asked: 4 });
    const fates = (more: readonly ConversationStep[]) => {
      const all = [...steps.filter(({ start }) => start < 12 || more.length === 0), ...more];
      const sorted = all.sort((a, b) => a.start - b.start);
      const { calls, links } = readConversation({ steps: sorted, ends });
      return links.map(({ cargo, from, to, fate }) => {
        const { handle, call } = calls[from!]!.step;
        return `${cargo} ${handle}.${call}>${to === undefined ? "" : calls[to]!.step.call} ${fate}`;
      });
    };
    expect(fates([])).toContain("FIN server→1.process>recv taken");
    const reset = failed("client", "recv", 12, "ECONNRESET", { pid: 4700 });
    expect(fates([sends(8), reset])).toEqual(
      expect.arrayContaining(["bytes client.send> lost", "RST server→1.process>recv taken"]),
    );
    // One that was accepted, and of which there is no call, ends as well.
    const silent = steps.filter(({ handle }) => handle !== "server→1");
    const ended = readConversation({ steps: silent, ends });
    const last = ended.sockets.filter(({ handle }) => handle === "server→1");
    expect(last.map(({ closedBy }) => ended.calls[closedBy!]?.step.call)).toEqual(["process"]);
    // The lane of a handle of which there is no call is not invented.
    expect(readConversation({ steps, ends }).sockets.map(({ handle }) => handle)).not.toContain("nobody's");
    // Nor does a process that ended before the first of these calls end anything.
    const early = ends!.map((end) => ({ ...end, at: -1 }));
    expect(readConversation({ steps, ends: early }).calls).toHaveLength(steps.length);
  });

  it("an accept that returns before connect does still belongs to it", () => {
    const steps = [
      streamSocket("server", 0, 3),
      did("server", "bind", 1, { address: "127.0.0.1:80", local: "127.0.0.1:80" }),
      did("server", "listen", 2, { local: "127.0.0.1:80" }),
      waited("server", "accept", 3, 20, { result: 5, opened: "server→1", address: "127.0.0.1:40000" }),
      streamSocket("client", 4, 4),
      waited("client", "connect", 5, 21, { address: "127.0.0.1:80", peer: "127.0.0.1:80", local: "127.0.0.1:40000" }),
    ];
    expect(arrows(steps)).toContain("connection client.connect>server.accept taken");
  });

  it("unnamed Unix-domain clients are accepted in the order in which they came", () => {
    const steps = [
      streamSocket("server", 0, 3),
      did("server", "bind", 1, { address: "unix:/tmp/s", local: "unix:/tmp/s" }),
      did("server", "listen", 2, { local: "unix:/tmp/s" }),
      ...["a", "b"].flatMap((name, n) => [
        streamSocket(name, 3 + n, 4 + n),
        did(name, "connect", 3.5 + n, { address: "unix:/tmp/s", peer: "unix:/tmp/s", local: "unix:(unnamed)" }),
      ]),
      did("server", "accept", 6, { result: 7, opened: "server→1", address: "unix:(unnamed)" }),
      did("b", "send", 7, { data: "b", result: 1, asked: 1 }),
      did("a", "send", 8, { data: "a", result: 1, asked: 1 }),
      did("server→1", "recv", 9, { data: "a", result: 1, asked: 9 }),
    ];
    expect(arrows(steps)).toContain("connection a.connect>server.accept taken");
    expect(arrows(steps)).toContain("bytes a.send>server→1.recv 1 taken");
    expect(arrows(steps)).toContain("bytes b.send>server 1 queued");
  });

  it("a peek takes nothing out of the queue", () => {
    const steps = ladders.connection!.scene.steps.map((step) =>
      step.call === "recv" && step.result === 5 ? { ...step, peek: true } : step,
    );
    expect(arrows(steps)).toContain("bytes client.send>server→1 5 lost");
  });

  it("the end of a stream is one arrow, from the call that ended it to the first receive that sees it", () => {
    const steps = [...ladders["half-close"]!.scene.steps, did("client", "recv", 6.7, { result: 0, asked: 10 })];
    const ends = arrows(steps).filter((arrow) => arrow.startsWith("FIN"));
    expect(ends).toEqual(["FIN client.shutdown>server→1.recv taken", "FIN server→1.close>client.recv taken"]);
  });

  it("a receive of length 0 is not the end of the stream", () => {
    const { steps } = ladders.connection!.scene;
    const without = steps.filter(({ call, result }) => !(call === "recv" && result === 0));
    const nothing = did("server→1", "recv", 57.5, { result: 0, asked: 0 });
    expect(arrows([...without, nothing])).not.toContain("FIN client.close>server→1.recv taken");
  });

  it("a close with unread bytes is a reset, and so is the close of a listener with a client in its queue", () => {
    expect(of("reset")).toContain("RST server→1.close>client.recv taken");
    const early = ladders["two-clients"]!.scene.steps;
    const closed = [...early, did("server", "close", 20), failed("carla", "recv", 21, "ECONNRESET", { asked: 5 })];
    expect(arrows(closed)).toContain("RST server.close>carla.recv taken");
  });

  it("datagrams: cut, queued, elsewhere, lost and dropped", () => {
    expect(of("datagrams")).toEqual([
      "datagram postman.sendto>mailbox.recvfrom 5 taken",
      "datagram postman.sendto>mailbox.recvfrom 4 taken",
      "datagram mailbox.sendto>postman.recvfrom 6 taken",
      "datagram postman.sendto>? 12 outside",
      "datagram postman.sendto>mailbox 12 queued",
    ]);
    expect(of("lost-datagrams")).toEqual([
      "datagram postman.sendto>mailbox.recvfrom 3 taken",
      "datagram postman.sendto>mailbox.recvfrom 5 taken",
      "datagram postman.sendto>mailbox 3 lost",
      "datagram postman.sendto>mailbox 4 lost",
      "datagram postman.sendto>mailbox 4 lost",
      "datagram postman.sendto>other 3 lost",
    ]);
    expect(of("connected-datagrams")).toEqual(["datagram postman.send>? 5 lost"]);
  });

  it("what was sent before a receive that found nothing is lost, what was sent after it waits", () => {
    const box = { kind: "datagram" as const, local: "127.0.0.1:53" };
    const send = (start: number, result: number) =>
      did("postman", "sendto", start, { address: "127.0.0.1:53", result, kind: "datagram" });
    const start = [did("mailbox", "bind", 0, { address: "127.0.0.1:53", ...box }), send(1, 3), send(2, 4)];
    const lost = ["datagram postman.sendto>mailbox 3 lost", "datagram postman.sendto>mailbox 4 lost"];
    const waits = "datagram postman.sendto>mailbox 5 queued";
    const gaveUp = {
      ...waited("mailbox", "recvfrom", 0.5, 103, { asked: 9, ...box }),
      result: undefined,
      ended: "timeout",
    };
    expect(arrows([...start, gaveUp, send(104, 5)])).toEqual([...lost, waits]);
    expect(arrows([...start, failed("mailbox", "recv", 3, "EAGAIN", { asked: 9, ...box }), send(4, 5)])).toEqual([
      ...lost,
      waits,
    ]);
    const interrupted = { ...gaveUp, ended: "interrupted" };
    expect(arrows([...start, interrupted])).toEqual(lost.map((arrow) => arrow.replace("lost", "queued")));
  });

  it("a refused connect ends in nothing", () => {
    expect(of("errors")).toEqual(["connection client.connect>? lost"]);
  });

  it("a name that is opened again is another socket: its bytes do not mix with the old one's", () => {
    const first = ladders.connection!.scene.steps.filter(
      ({ call, handle }) => !(call === "recv" && handle === "server→1"),
    );
    const again = ladders.connection!.scene.steps.map((step) => ({
      ...step,
      start: step.start + 100,
      end: step.end! + 100,
    }));
    expect(
      arrows([...first, ...again]).filter((arrow) => arrow === "bytes client.send>server→1.recv 5 taken"),
    ).toHaveLength(1);
  });

  it("five thousand calls with payloads alike are read in a bounded time", () => {
    const data = new Array<number>(1000).fill(65);
    const bytes = { result: 1000, asked: 1000, data, kind: "datagram" as const };
    const steps = [did("box", "bind", 0, { address: "127.0.0.1:53", local: "127.0.0.1:53", kind: "datagram" })];
    while (steps.length < 3500)
      steps.push(did("mouth", "sendto", steps.length, { ...bytes, address: "127.0.0.1:53", local: "0.0.0.0:7" }));
    while (steps.length < 5000)
      steps.push(did("box", "recvfrom", 9000 + steps.length, { ...bytes, address: "127.0.0.1:7" }));
    const before = process.cpuUsage().user;
    expect(linksOf({ steps }).filter((link) => link.endsWith("taken"))).toHaveLength(1500);
    // Comparing each receive with every datagram took 65 s of the processor, this takes 1 or 2.
    expect(process.cpuUsage().user - before).toBeLessThan(20e6);
  });
});
