import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  AF_INET6,
  AF_UNIX,
  ANY,
  ANY6,
  choosePort,
  type Handle,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPV6_V6ONLY,
  LOOPBACK,
  LOOPBACK6,
  loseDatagrams,
  SO_BROADCAST,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  socket,
} from "kernel-helpers";
import { describe, expect, it } from "vitest";
import { queues } from "../../../kernel-helpers/dist/notebook/queues.js";
import { takeSnapshot } from "../../../kernel-helpers/dist/notebook/snapshot.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { box, freshRecord, postman } from "../../support/speakers.js";
import { temporaryOfTest } from "../../support/temporary.js";
import { Truth } from "../../support/truth.js";

guardDescriptors();

freshRecord();

const GROUP = "239.255.20.7";

/** Each case sends, and receives some of it; the sockets it returns are those in whose queues the rest may wait. */
type Case = (truth: Truth, port: number) => Promise<Handle[]>;

const DATAGRAMS: Record<string, Case> = {
  "one socket with the address": async (truth, port) => {
    const mailbox = box("mailbox", LOOPBACK, port);
    const sender = postman();
    for (let n = 0; n < 3; n++) await truth.sendto(sender, LOOPBACK, port);
    await truth.receive(mailbox);
    return [mailbox];
  },
  "two with SO_REUSEPORT": async (truth, port) => {
    const boxes = ["a", "b"].map((name) => box(name, LOOPBACK, port, SO_REUSEPORT));
    for (let n = 0; n < 6; n++) await truth.sendto(postman(`postman ${n}`), LOOPBACK, port);
    for (const one of boxes) await truth.receive(one);
    return boxes;
  },
  "two with SO_REUSEADDR": async (truth, port) => {
    const boxes = ["a", "b"].map((name) => box(name, LOOPBACK, port, SO_REUSEADDR));
    const sender = postman();
    for (let n = 0; n < 3; n++) await truth.sendto(sender, LOOPBACK, port);
    for (const one of boxes) await truth.receive(one);
    return boxes;
  },
  "one with the address, and one with every address": async (truth, port) => {
    const every = box("every", ANY, port, SO_REUSEADDR);
    const one = box("one", LOOPBACK, port, SO_REUSEADDR);
    const late = box("late", ANY, port, SO_REUSEADDR);
    const sender = postman();
    for (let n = 0; n < 2; n++) await truth.sendto(sender, LOOPBACK, port);
    for (const handle of [late, every, one]) await truth.receive(handle);
    return [every, one, late];
  },
  "one that hears everybody, and one that is connected to the sender": async (truth, port) => {
    const sender = box("sender", LOOPBACK, choosePort());
    const stranger = postman("stranger");
    const friend = box("friend", LOOPBACK, port, SO_REUSEADDR);
    await friend.connect(LOOPBACK, sender.getsockname().port!);
    const all = box("all", LOOPBACK, port, SO_REUSEADDR);
    for (const handle of [sender, stranger, sender]) await truth.sendto(handle, LOOPBACK, port);
    await truth.receive(all);
    await truth.receive(friend);
    return [friend, all];
  },
  "a broadcast": async (truth, port) => {
    const boxes = ["a", "b", "c"].map((name) => box(name, ANY, port, SO_REUSEADDR));
    const sender = postman();
    sender.setsockopt(SO_BROADCAST, true);
    await truth.sendto(sender, "127.255.255.255", port);
    for (const one of boxes.slice(0, 2)) await truth.receive(one);
    await truth.sendto(sender, "127.255.255.255", port);
    return boxes;
  },
  "a multicast, and a socket that has not joined": async (truth, port) => {
    const boxes = ["a", "b", "stranger"].map((name) => box(name, ANY, port, SO_REUSEADDR));
    for (const one of boxes.slice(0, 2)) one.setsockopt(IP_ADD_MEMBERSHIP, { group: GROUP, interface: LOOPBACK });
    const sender = postman();
    sender.setsockopt(IP_MULTICAST_IF, LOOPBACK);
    await truth.sendto(sender, GROUP, port);
    for (const one of boxes) await truth.receive(one);
    await truth.sendto(sender, GROUP, port);
    return boxes;
  },
  "sent to 0.0.0.0": async (truth, port) => {
    const mailbox = box("mailbox", LOOPBACK, port);
    const other = box("other", "127.0.0.2", port);
    const sender = postman();
    await truth.sendto(sender, ANY, port);
    await truth.receive(mailbox);
    await truth.sendto(sender, ANY, port);
    return [mailbox, other];
  },
  "a port that another socket had before": async (truth, port) => {
    const first = box("first", LOOPBACK, port);
    const sender = postman();
    await truth.sendto(sender, LOOPBACK, port);
    first.close();
    const second = box("second", LOOPBACK, port);
    await truth.sendto(sender, LOOPBACK, port);
    await truth.receive(second);
    return [second];
  },
  "a name that another socket had before": async (truth, port) => {
    box("mailbox", LOOPBACK, port);
    const sender = postman();
    await truth.sendto(sender, LOOPBACK, port);
    const second = box("mailbox", LOOPBACK, choosePort());
    await truth.sendto(sender, LOOPBACK, port);
    await truth.sendto(sender, LOOPBACK, second.getsockname().port!);
    await truth.receive(second);
    return [second];
  },
  "a socket that loses every second one": async (truth, port) => {
    const deaf = box("deaf", LOOPBACK, port);
    loseDatagrams(deaf, 0.5);
    const sender = postman();
    for (let n = 0; n < 8; n++) await truth.sendto(sender, LOOPBACK, port);
    for (let n = 0; n < 3; n++) await truth.receive(deaf);
    return [deaf];
  },
  "a receive that found nothing": async (truth, port) => {
    const mailbox = box("mailbox", LOOPBACK, port);
    const sender = postman();
    await truth.receive(mailbox);
    await truth.sendto(sender, LOOPBACK, port);
    await truth.receive(mailbox);
    await truth.receive(mailbox);
    return [mailbox];
  },
  "IPv4 to a socket of both kinds, and to one of IPv6 only": async (truth, port) => {
    const both = box("both", ANY6, port);
    const only = socket("only", AF_INET6, SOCK_DGRAM);
    only.setsockopt(IPV6_V6ONLY, true);
    only.bind(ANY6, port + 1);
    const sender = postman();
    await truth.sendto(sender, LOOPBACK, port);
    await truth.sendto(sender, LOOPBACK, port + 1);
    await truth.receive(both);
    const six = socket("six", AF_INET6, SOCK_DGRAM);
    await truth.sendto(six, LOOPBACK6, port + 1);
    await truth.receive(only);
    return [both, only];
  },
  "a path that was bound again": async (truth) => {
    const path = join(temporaryOfTest(), "box");
    const bound = (name: string): Handle => {
      const handle = socket(name, AF_UNIX, SOCK_DGRAM);
      handle.bind(path);
      return handle;
    };
    const first = bound("first");
    const friend = socket("friend", AF_UNIX, SOCK_DGRAM);
    await friend.connect(path);
    const stranger = socket("stranger", AF_UNIX, SOCK_DGRAM);
    await truth.sendto(stranger, path);
    if (existsSync(path)) rmSync(path);
    const second = bound("second");
    await truth.sendto(stranger, path);
    await truth.send(friend);
    for (const one of [first, second]) await truth.receive(one);
    return [first, second];
  },
};

describe.each([
  ["of different bytes", false],
  ["alike, as far as the record keeps them", true],
])("datagrams %s", (_, alike) => {
  it.each(Object.entries(DATAGRAMS))("%s", async (_, scene) => {
    const truth = new Truth(alike);
    const open = await scene(truth, choosePort());
    const { model, wrong } = await truth.judge(open, queues(takeSnapshot()));
    expect(wrong).toEqual([]);
    expect(model.calls.length).toBeGreaterThan(3);
  });
});

describe("what is known is said", () => {
  const taken = async (scene: Case, alike = false): Promise<string[]> => {
    const truth = new Truth(alike);
    const { model } = await truth.judge(await scene(truth, choosePort()));
    return model.links.map(({ cargo, fate, known, from, socket: at }) =>
      [
        cargo,
        fate,
        known,
        `${model.calls[from!]?.step.handle} → ${at === undefined ? "?" : model.sockets[at]!.handle}`,
      ].join(" "),
    );
  };

  it("an address that one socket has", async () => {
    expect(await taken(DATAGRAMS["one socket with the address"]!)).toEqual([
      "datagram taken observed postman → mailbox",
      "datagram queued inferred postman → mailbox",
      "datagram queued inferred postman → mailbox",
    ]);
  });

  it("a broadcast goes to each of those that have received it, and nothing is said of the others", async () => {
    expect(await taken(DATAGRAMS["a broadcast"]!)).toEqual([
      "datagram taken observed postman → a",
      "datagram taken observed postman → b",
    ]);
  });

  it("with SO_REUSEADDR nothing is said of what nobody has received", async () => {
    const links = await taken(DATAGRAMS["two with SO_REUSEADDR"]!);
    expect(links.filter((link) => !link.includes("taken observed"))).toEqual([]);
    expect(links.length).toBeGreaterThan(0);
  });

  it("0.0.0.0 is the sender's own address, where it has one", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const [here, there] = [box("here", LOOPBACK, port), box("there", "127.0.0.2", port)];
    const sender = postman();
    sender.bind("127.0.0.2", 0);
    for (let n = 0; n < 2; n++) await truth.sendto(sender, ANY, port);
    await truth.receive(there);
    const { model, wrong } = await truth.judge([here, there]);
    expect(wrong).toEqual([]);
    expect(
      model.links
        .filter(({ cargo }) => cargo === "datagram")
        .map(({ fate, socket: at }) => `${fate} ${model.sockets[at!]!.handle}`),
    ).toEqual(["taken there", "queued there"]);
  });

  it("0.0.0.0 is the machine itself", async () => {
    expect(await taken(DATAGRAMS["sent to 0.0.0.0"]!)).toEqual([
      "datagram taken observed postman → mailbox",
      "datagram queued inferred postman → mailbox",
    ]);
  });

  it("a path that was bound again belongs to who bound it last, and who is connected stays with the first", async () => {
    expect((await taken(DATAGRAMS["a path that was bound again"]!)).sort()).toEqual([
      "datagram queued inferred friend → first",
      "datagram taken inferred stranger → first",
      "datagram taken inferred stranger → second",
    ]);
  });
});
