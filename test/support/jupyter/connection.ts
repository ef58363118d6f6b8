import { randomBytes, randomUUID } from "node:crypto";
import { chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a client reaches the kernel: ports, or sockets in the file system, which lead into another network namespace, too. */
export type Transport = "tcp" | "ipc";

/** What a Jupyter connection file holds. */
export interface Connection {
  /** For ipc the first part of a path; the "port" is the rest of it. */
  ip: string;
  transport: Transport;
  key: string;
  signature_scheme: "hmac-sha256";
  kernel_name: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
}

/**
 * An address that no other kernel uses. A kernel binds its ports a second after they were found free; on one shared address
 * two kernels that start together can be given the same port. Linux answers on all of 127/8, so each kernel gets its own.
 */
function ownLoopback(): string {
  if (process.platform !== "linux") return "127.0.0.1";
  const [a, b, c] = randomBytes(3);
  return `127.${64 + (a! % 128)}.${b}.${1 + (c! % 254)}`;
}

function listen(host: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => resolve(server));
  });
}

async function freePorts(host: string, count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(host)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * Writes a connection file into a new temporary directory.
 *
 * @param owner the user number to whom file and directory belong; the tests' own when left out
 */
export async function newConnection(kernelName: string, transport: Transport = "tcp", owner?: number) {
  const directory = mkdtempSync(join(tmpdir(), "kernel-"));
  const ip = transport === "tcp" ? ownLoopback() : join(directory, "kernel");
  const ports = transport === "tcp" ? await freePorts(ip, 5) : [1, 2, 3, 4, 5];
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports as [number, number, number, number, number];
  const connection: Connection = {
    ip,
    transport,
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    kernel_name: kernelName,
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
  const file = join(directory, "connection.json");
  writeFileSync(file, JSON.stringify(connection));
  if (owner !== undefined) for (const path of [directory, file]) chownSync(path, owner, owner);
  return { connection, directory, file };
}
