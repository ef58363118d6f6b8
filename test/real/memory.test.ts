import { calls } from "kernel-helpers";
import { expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { rejectionOf } from "../support/outcome.js";
import { rawPair, streamPair } from "../support/pairs.js";

guardDescriptors();

test("M5: memory that is detached is refused", () => {
  const [client, server] = rawPair();
  const views = [
    (buffer: ArrayBuffer) => new Uint8Array(buffer),
    (buffer: ArrayBuffer) => new DataView(buffer),
    (buffer: ArrayBuffer) => new Float64Array(buffer),
    (buffer: ArrayBuffer) => buffer,
  ];
  for (const view of views) {
    const buffer = new ArrayBuffer(8);
    const memory = view(buffer) as Uint8Array;
    structuredClone(buffer, { transfer: [buffer] });
    expect(() => calls.send(client, memory)).toThrow(TypeError);
    expect(() => calls.recv(server, memory)).toThrow(TypeError);
  }
  for (const fd of [client, server]) calls.close(fd);
});

test("M5: data whose memory is moved away while it waits is an error, not a silent loss", async () => {
  const { client, server } = await streamPair();
  const data = new Uint8Array(20_000_000);
  const sending = client.sendAll(data);
  const behind = client.send(data);
  structuredClone(data.buffer, { transfer: [data.buffer] });
  const reading = (async () => {
    for await (const _ of server);
  })();
  for (const wait of [sending, behind])
    expect((await rejectionOf(wait)).message).toContain("The data is not what it was");
  client.close();
  await reading;
});

test("M6: views of every shape send their own bytes, from their own offset", () => {
  const [client, server] = rawPair();
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
  const { buffer } = bytes;
  const middle = [...bytes.subarray(8, 16)];
  const shapes: [ArrayBufferView | ArrayBuffer, number[]][] = [
    [bytes.subarray(8, 16), middle],
    [Buffer.from(buffer, 8, 8), middle],
    [new DataView(buffer, 8, 8), middle],
    [new Int8Array(buffer, 8, 8), middle],
    [new Uint8ClampedArray(buffer, 8, 8), middle],
    [new Uint16Array(buffer, 8, 4), middle],
    [new Int16Array(buffer, 8, 4), middle],
    [new Int32Array(buffer, 8, 2), middle],
    [new Float32Array(buffer, 8, 2), middle],
    [new Float64Array(buffer, 8, 1), middle],
    [new BigInt64Array(buffer, 8, 1), middle],
    [new BigUint64Array(buffer, 8, 1), middle],
    [buffer, [...bytes]],
    [new Uint8Array(buffer, 8, 0), []],
  ];
  for (const [shape, expected] of shapes) {
    expect(calls.send(client, shape)).toBe(expected.length);
    const into = Buffer.alloc(64);
    const got = expected.length === 0 ? 0 : calls.recv(server, into.subarray(16), 40);
    expect([...into.subarray(16, 16 + got)]).toEqual(expected);
    expect(into.subarray(0, 16).every((byte) => byte === 0)).toBe(true);
  }
  for (const fd of [client, server]) calls.close(fd);
});

test("M6: memory that threads share, and what is no memory, are refused", async () => {
  const [client, server] = rawPair();
  const shared = new SharedArrayBuffer(8);
  const wrong = [new Uint8Array(shared), new DataView(shared), shared, 5, {}, [1, 2], null, undefined, Symbol("x")];
  for (const value of wrong) {
    expect(() => calls.send(client, value as Uint8Array)).toThrow(TypeError);
    expect(() => calls.recv(server, value as Uint8Array)).toThrow(TypeError);
  }
  expect(() => calls.recv(server, "text" as unknown as Uint8Array)).toThrow(TypeError);
  for (const fd of [client, server]) calls.close(fd);
  const { client: handle } = await streamPair();
  for (const value of wrong) {
    expect((await rejectionOf(async () => handle.send(value as Uint8Array))).name).toBe("TypeError");
    expect((await rejectionOf(async () => handle.sendAll(value as Uint8Array))).name).toBe("TypeError");
  }
});

test("M5: memory that grows while it waits is not said to be gone", async () => {
  const { client, server } = await streamPair();
  const grows = Reflect.construct(ArrayBuffer, [20_000_000, { maxByteLength: 30_000_000 }]) as ArrayBuffer;
  const sending = client.sendAll(new Uint8Array(grows));
  (grows as unknown as { resize(length: number): void }).resize(20_000_001);
  const reading = (async () => {
    for await (const _ of server);
  })();
  expect((await rejectionOf(sending)).message).toContain("moved to another thread, freed or resized");
  client.close();
  await reading;
});
