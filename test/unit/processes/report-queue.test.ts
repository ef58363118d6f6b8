import { ReportQueue } from "kernel-helpers/dist/processes/inside/report-queue.js";
import type { Report } from "kernel-helpers/dist/processes/messages.js";
import { expect, test } from "vitest";

const record = (start: number) => ({ call: { name: "close", fd: 3 } as const, result: 0, errno: 0, start, end: start });
const called = (step: number, start: number) =>
  ({
    tell: "called",
    step: { id: step, handle: "x", name: "close", start: 0 },
    record: record(start),
  }) as unknown as Report;
const helped = (start: number): Report => ({ tell: "backstage", handle: "x", printed: false, record: record(start) });
const answer = (id: number): Report => ({ tell: "answer", id, answer: { value: 0 } });

/** A queue whose messages arrive when they are let through. */
function slow() {
  const messages: { reports: Report[]; arrive: () => void }[] = [];
  const queue = new ReportQueue((reports, arrive) => messages.push({ reports, arrive }));
  /** So many messages are sent that the next ones wait. */
  const stop = (): void => {
    for (let i = 0; i < 16; i++) {
      queue.add(answer(i));
      queue.flush();
    }
    messages.length = 16;
  };
  return { queue, messages, stop };
}

test("sends what a turn has to tell in one message, in order, and no empty one", () => {
  const { queue, messages } = slow();
  const reports = [called(1, 1), helped(2), called(2, 3), answer(1)];
  for (const report of reports) queue.add(report);
  queue.flush();
  queue.flush();
  expect(messages.map((message) => message.reports)).toEqual([reports]);
});

test("keeps the first and the last calls of a step while nobody reads, and says how many it left out", () => {
  const { queue, messages, stop } = slow();
  stop();
  for (let i = 0; i < 100_000; i++) {
    queue.add(called(1, i));
    queue.add(called(2, i));
    queue.flush();
  }
  queue.add(answer(99));
  expect(queue.length).toBe(2 * 64 + 1);
  expect(messages).toHaveLength(16);
  messages[0]!.arrive();
  const { reports } = messages.at(-1)!;
  const of = reports.flatMap((report) => (report.tell === "called" && report.step.id === 1 ? [report] : []));
  expect(of.map((report) => report.record.start)).toEqual([
    ...Array.from({ length: 16 }, (_, i) => i),
    ...Array.from({ length: 48 }, (_, i) => 100_000 - 48 + i),
  ]);
  expect(of.map(({ leftOut = 0 }) => leftOut).reduce((sum, count) => sum + count)).toBe(100_000 - 64);
  expect(of[16]!.leftOut).toBe(100_000 - 64);
  expect(reports.at(-1)).toEqual(answer(99));
});

test("keeps the newest calls of helpers while nobody reads", () => {
  const { queue, messages, stop } = slow();
  stop();
  for (let i = 0; i < 100_000; i++) queue.add(helped(i));
  expect(queue.length).toBeLessThanOrEqual(2000);
  messages[0]!.arrive();
  queue.flush();
  const last = messages.at(-1)!.reports.at(-1)!;
  expect(last.tell === "backstage" && last.record.start).toBe(99_999);
});

/** A whole step of a handle, from its call to its end; begun just now: no message was sent since. */
function step(id: number, handle: number, closed: boolean): Report[] {
  const head = { id, handle: `h${handle}`, name: "recv", start: performance.now() };
  const facts = { id: handle, name: `h${handle}`, closed };
  return [
    { tell: "called", step: head, record: record(id) },
    { tell: "waits", step: head, what: "waits for data", from: id },
    { tell: "ended", step: head, outcome: { result: 0 }, at: id, readyAt: id, facts },
  ] as unknown as Report[];
}

const idOf = (report: Report): number | undefined => (report.tell === "ended" ? report.step.id : undefined);

test("keeps the newest steps while nobody reads, whole, and what the handles of the others are like now", () => {
  const { queue, messages, stop } = slow();
  for (const report of step(1, 1, false)) queue.add(report);
  stop();
  // Handle 1 is known and open, and is closed in the end; 2 stays open; the others come and go.
  for (const report of step(2, 2, false)) queue.add(report);
  for (const report of step(3, 1, true)) queue.add(report);
  for (let i = 4; i <= 30_000; i++) for (const report of step(i, i, true)) queue.add(report);
  expect(queue.length).toBe(3 * 5000 + 2);
  messages[0]!.arrive();
  const { reports } = messages.at(-1)!;
  const left = reports.flatMap((report) => (report.tell === "handle" ? [report.facts] : []));
  expect(left.map(({ id, closed }) => [id, closed])).toEqual([
    [2, false],
    [1, true],
  ]);
  expect(reports.slice(0, 2).every(({ tell }) => tell === "handle")).toBe(true);
  const ids = reports.flatMap((report) => idOf(report) ?? []);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([5000, 25_001, 30_000]);
});

test("tells the end of every step of which the notebook knows", () => {
  const { queue, messages, stop } = slow();
  const known = Array.from({ length: 6000 }, (_, i) => step(i, 1, false));
  for (const [called] of known) queue.add(called!);
  stop();
  for (const [, , ended] of known) queue.add(ended!);
  for (let i = 6000; i < 20_000; i++) for (const report of step(i, 1, false)) queue.add(report);
  messages[0]!.arrive();
  const ids = new Set(messages.at(-1)!.reports.flatMap((report) => idOf(report) ?? []));
  expect(known.every((_, i) => ids.has(i))).toBe(true);
  expect(ids.size).toBe(6000 + 5000);
});

test("keeps what a server is like now while nobody reads, and the newest sentences", () => {
  const { queue, messages, stop } = slow();
  stop();
  for (let i = 0; i < 10_000; i++) {
    queue.add({ tell: "server", server: { id: i % 2, served: i } } as unknown as Report);
    queue.add({ tell: "said", sentence: `${i}`, silent: false, run: undefined });
  }
  expect(queue.length).toBeLessThanOrEqual(2002);
  messages[0]!.arrive();
  const { reports } = messages.at(-1)!;
  const servers = reports.flatMap((report) => (report.tell === "server" ? [report.server.served] : []));
  expect(servers).toEqual([9998, 9999]);
  expect(reports.at(-1)).toMatchObject({ tell: "said", sentence: "9999" });
});

test("waits when much is on its way, in however few messages", () => {
  const { queue, messages } = slow();
  for (let i = 0; i < 5000; i++) queue.add(answer(i));
  queue.flush();
  queue.add(answer(5000));
  queue.flush();
  expect(messages).toHaveLength(1);
  messages[0]!.arrive();
  expect(messages.at(-1)!.reports).toEqual([answer(5000)]);
});

test("at the end everything is sent, however much is on its way", () => {
  const { queue, messages, stop } = slow();
  stop();
  queue.add(answer(1));
  let gone = false;
  queue.flushNow(() => {
    gone = true;
  });
  expect(messages.at(-1)!.reports).toEqual([answer(1)]);
  expect(gone).toBe(false);
  messages.at(-1)!.arrive();
  expect(gone).toBe(true);
});
