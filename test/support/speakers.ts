import {
  AF_INET,
  AF_INET6,
  closeAll,
  type Handle,
  type SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, vi } from "vitest";
import type { Truth } from "./truth.js";

/* Sockets that speak to each other, in few words. */

export function box(name: string, address: string, port: number, ...options: (typeof SO_REUSEADDR)[]): Handle {
  const handle = socket(name, address.includes(":") ? AF_INET6 : AF_INET, SOCK_DGRAM);
  for (const option of options) handle.setsockopt(option, true);
  handle.bind(address, port);
  return handle;
}

export function postman(name = "postman"): Handle {
  return socket(name, AF_INET, SOCK_DGRAM);
}

export function listener(name: string, address: string, port: number, ...options: (typeof SO_REUSEADDR)[]): Handle {
  const handle = socket(name, address.includes(":") ? AF_INET6 : AF_INET, SOCK_STREAM);
  for (const option of options) handle.setsockopt(option, true);
  handle.bind(address, port);
  handle.listen();
  return handle;
}

export async function client(name: string, address: string, port: number): Promise<Handle> {
  const handle = socket(name, address.includes(":") ? AF_INET6 : AF_INET, SOCK_STREAM);
  await handle.connect(address, port);
  return handle;
}

/** Takes everything out of the queues, and says by the bytes whose connection each was. */
export async function takeAll(truth: Truth, listeners: readonly Handle[]): Promise<Handle[]> {
  const all: Handle[] = [];
  for (const one of listeners) {
    for (;;) {
      try {
        all.push(await one.accept({ timeout: 0 }));
      } catch {
        break;
      }
    }
  }
  for (const one of all) await truth.read(one);
  return all;
}

/** For a whole test file: each test has a record of its own, prints nothing, and leaves no handle open. */
export function freshRecord(): void {
  beforeEach(() => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    trace.clear();
  });
  afterEach(() => {
    closeAll();
    trace.clear();
  });
}
