import { describe, expect, it } from "vitest";
import { encodeSockaddr } from "../../kernel-helpers/dist/bytes/index.js";
import { factsOf } from "../../kernel-helpers/dist/facts/index.js";
import { addressPicture, asImage, statesDiagram, tableOfSockets } from "../../kernel-helpers/dist/pictures/index.js";
import { tableRows } from "./scenes/tables-and-plots.mjs";

describe("tableOfSockets", () => {
  const { html, text } = tableOfSockets(tableRows);

  it("puts this notebook's sockets first and says in words whose the others are", () => {
    const lines = text.split("\n");
    expect(lines.map((line) => line.split("  ")[0])).toEqual([
      "handle",
      "server",
      "client",
      "(no handle any more)",
      "(not of this notebook)",
    ]);
    expect(lines[3]).toContain("the system");
    expect(lines[4]).toContain("another process, pid 4711");
  });

  it("tells the backlog with its limit, and numbers with separators", () => {
    expect(text).toContain("2 of 1, full");
    expect(text).toContain("1,234,567");
    expect(text).toContain("1,908");
  });

  it("leaves the colours to the page, which has light ones or dark ones", () => {
    expect(html.match(/<t[dh] [^>]*>/g)).toHaveLength(5 * 7);
    expect(html).not.toMatch(/[^-]color:|background|#[0-9a-f]{3}/);
  });

  it("stands in columns of two lines: the peer below the local address, the descriptor and the owner below the name", () => {
    expect(html).toContain(">client<br>fd 22 · tcp<");
    expect(html).toContain(">127.0.0.1:45230<br>↔&nbsp;127.0.0.1:20733<");
    expect(html).toContain("(not of this notebook)<br>udp<br>another process, pid 4711 &lt;b&gt;");
    const columns = [...html.matchAll(/<th [^>]*>([^<]*)/g)].map(([, heading]) => heading);
    expect(columns).toEqual(["handle", "local / peer", "state", "Recv-Q", "Send-Q", "backlog", "drops"]);
  });

  it("breaks no state, no number and no address of IPv4; a name that is too long for its column anywhere", () => {
    const wrapOf = (row: Partial<(typeof tableRows)[number]>) => {
      const shown = tableOfSockets([{ protocol: "tcp", local: "127.0.0.1:1", state: "ESTABLISHED", ...row }]).html;
      return [...shown.matchAll(/<td [^>]*;([a-z-]+:[a-z]+)">(.*?)<\/td>/g)].map(([, wrap]) => wrap);
    };
    const [words, anywhere, nowrap] = ["overflow-wrap:normal", "overflow-wrap:anywhere", "white-space:nowrap"];
    expect(wrapOf({ note: "(waits to be accepted)" })).toEqual([words, words, nowrap, nowrap, nowrap]);
    expect(wrapOf({ handle: "the-server-of-somebody" })[0]).toBe(anywhere);
    expect(wrapOf({ peer: "[2001:db8::1234:5678]:443" })[1]).toBe(anywhere);
    const far = tableOfSockets([{ protocol: "tcp", local: "192.168.100.200:54321", state: "LISTEN" }]).html;
    expect(far).toContain(">192.168.100.200<wbr>:54321<");
  });

  it("has the columns that have something to say", () => {
    const letters = tableOfSockets([{ handle: "a", fd: 3, protocol: "udp", local: "127.0.0.1:1", drops: 0 }]);
    const columns = [...letters.html.matchAll(/<th [^>]*>([^<]*)/g)].map(([, heading]) => heading);
    expect(columns).toEqual(["handle", "local / peer", "Recv-Q", "Send-Q", "drops"]);
  });

  it("folds what earlier connections have left into one line that says how many of what", () => {
    const left = (state: string, port: number) => ({ protocol: "tcp", local: `127.0.0.1:${port}`, state });
    const waits = { protocol: "tcp", local: "127.0.0.1:9", state: "ESTABLISHED", note: "(waits to be accepted)" };
    const states = [...new Array(11).fill("TIME_WAIT"), "FIN_WAIT2"];
    const rows = [...tableRows.filter(({ handle }) => handle), waits, ...states.map((state, n) => left(state, n))];
    const folded = "10 more ends of earlier connections, without a handle: 9 in TIME_WAIT, 1 in FIN_WAIT2";
    for (const told of [tableOfSockets(rows).html, tableOfSockets(rows).text]) {
      expect(told).toContain(folded);
      expect(told.match(/\(no handle any more\)/g)).toHaveLength(2);
      expect(told).toContain("(waits to be accepted)");
    }
    expect(tableOfSockets(rows, 0).html).not.toContain("(no handle any more)");
    expect(tableOfSockets(rows, 0).html).toContain("12 ends of earlier connections");
  });

  it("says so when there is nothing", () => {
    expect(tableOfSockets([]).html).toContain("The system has no socket");
  });
});

describe("statesDiagram", () => {
  it("numbers the way and marks the state by shape and word", () => {
    const { svg, alt } = statesDiagram(["CLOSE", "SYN_SENT", "ESTABLISHED"]);
    expect(alt).toContain("1 CLOSE, 2 SYN_SENT, 3 ESTABLISHED. It is in ESTABLISHED now.");
    expect(svg.match(/class="t"/g)).toHaveLength(2 + 1);
    expect(svg.match(/is here now/g)).toHaveLength(1);
  });

  it("invents no state between two that were seen", () => {
    const { svg, alt } = statesDiagram(["CLOSE", "ESTABLISHED"]);
    expect(svg.match(/class="t"/g)).toHaveLength(1);
    expect(svg).toContain("it passed other states unseen");
    expect(alt).not.toContain("SYN_SENT");
  });

  it("shows all eleven states", () => {
    const { svg } = statesDiagram([]);
    for (const state of [
      "CLOSE",
      "LISTEN",
      "SYN_SENT",
      "SYN_RECV",
      "ESTABLISHED",
      "FIN_WAIT1",
      "FIN_WAIT2",
      "CLOSE_WAIT",
      "CLOSING",
      "LAST_ACK",
      "TIME_WAIT",
    ])
      expect(svg).toContain(`>${state}<`);
  });
});

describe("addressBytes", () => {
  it("says which byte of the port comes first", () => {
    const { alt } = addressPicture(
      encodeSockaddr({ family: "AF_INET", address: "127.0.0.1", port: 8080 }, factsOf("linux-x64")),
      factsOf("linux-x64"),
    );
    expect(alt).toContain("sin_family: 02 00 → AF_INET (2), least significant byte first");
    expect(alt).toContain(
      "sin_port: 1f 90 → 8080 = 0x1f × 256 + 0x90, most significant byte first: network byte order",
    );
    expect(alt).toContain("sin_addr: 7f 00 00 01 → 127.0.0.1");
  });

  it("reads the platform's own form", () => {
    const mac = factsOf("darwin-arm64");
    const { alt } = addressPicture(encodeSockaddr({ family: "AF_INET", address: "127.0.0.1", port: 80 }, mac), mac);
    expect(alt).toContain("sin_len: 10 → 16 bytes. sin_family: 02 → AF_INET (2).");
  });
});

describe("asImage", () => {
  it("carries the picture, its size and its words", () => {
    const drawn = statesDiagram(["LISTEN"]);
    const image = asImage(drawn);
    const [, data = ""] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(image) ?? [];
    expect(Buffer.from(data, "base64").toString()).toBe(drawn.svg);
    expect(image).toContain(`width="${drawn.width}" height="${drawn.height}"`);
    expect(image).toContain('alt="TCP state diagram (RFC 9293, figure 5).');
  });
});
