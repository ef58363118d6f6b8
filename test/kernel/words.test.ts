import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, type Spec, startKernel } from "../support/jupyter/index.js";

const START = `import { socket, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
import { ladder, panel, sockets, states, addressBytes, plot, livePlot } from "kernel-helpers";
const PORT = choosePort();
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, PORT); server.listen(5);
const client = socket("client", AF_INET, SOCK_STREAM);
await client.connect(LOOPBACK, PORT);`;
const LINE = '{ title: "t", x: { label: "a" }, y: { label: "b" }, lines: [{ name: "n", points: [[0, 1], [1, 2]] }] }';

/** What each of them says where no picture can be drawn. */
const SAYS: readonly [string, RegExp][] = [
  [
    "ladder();",
    /^Ladder diagram of socket calls\.\n(.*\n)*.*, server: listen.*\.\n(.*\n)*.*client is now ESTABLISHED\.$/,
  ],
  ["sockets();", /^.*Recv-Q.*\n.*LISTEN.*\n.*ESTABLISHED/m],
  ["states(client);", /ESTABLISHED/],
  ['addressBytes("127.0.0.1", 8080);', /1f 90/],
  [`plot(${LINE});`, /n: 2 values/],
  ["panel();", /^Ladder diagram of socket calls\.\n(.*\n)*\n(.*\n)*.*LISTEN/],
  [`livePlot(${LINE});`, /n: 2 values/],
];

describe.each<Spec>(["ours", "stock"])("%s kernel", (spec) => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startKernel({ spec });
    expect((await kernel.execute(START)).status).toBe("ok");
  });
  afterAll(() => kernel?.stop());

  test.each(SAYS)("%s is one message, with words where the kernel can send them", async (code, words) => {
    const cell = await kernel.execute(code);
    expect(cell.status, cell.stderr).toBe("ok");
    expect(cell.displays).toHaveLength(1);
    const [shown] = cell.displays;
    expect(shown?.["text/html"]).toMatch(/<(img|table)/);
    if (spec === "stock") {
      expect(Object.keys(shown!)).toEqual(["text/html"]);
      return;
    }
    expect(Object.keys(shown!)).toEqual(["text/html", "text/plain"]);
    expect(shown!["text/plain"]).toMatch(words);
    // Text, and nothing of the picture.
    expect(shown!["text/plain"]).not.toMatch(/<\w|&\w+;|\[object|base64/);
  });

  test("a panel that is drawn anew has both, too", async () => {
    if (spec === "stock") return;
    await kernel.execute("panel();\nclient.close();");
    const update = await kernel.waitForOutput(
      ({ header, content }) =>
        header.msg_type === "update_display_data" && JSON.stringify(content.data).includes("client: close"),
    );
    expect(Object.keys(update.content.data as object)).toEqual(["text/html", "text/plain"]);
  });
});
