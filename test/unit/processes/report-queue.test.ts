import { ReportQueue } from "kernel-helpers/dist/processes/inside/report-queue.js";
import type { Report } from "kernel-helpers/dist/processes/messages.js";
import { expect, test } from "vitest";

const record = (start: number) => ({ call: { name: "close", fd: 3 } as const, result: 0, errno: 0, start, end: start });
const called = (step: number, start: number) =>
  ({ tell: "called", step: { id: step, handle: "x", name: "close" }, record: record(start) }) as unknown as Report;
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
