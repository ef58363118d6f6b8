import { bytesOfPreview, preview } from "kernel-helpers/dist/calls/arguments.js";
import { expect, test } from "vitest";

test("a preview has the first 64 bytes, each of them as it was", () => {
  const all = Uint8Array.from({ length: 300 }, (_, at) => (at * 89) % 256);
  for (let length = 0; length <= all.length; length++) {
    const expected = all.slice(0, Math.min(length, 64));
    expect([...bytesOfPreview(preview(all, length))], `${length} bytes`).toEqual([...expected]);
  }
});
