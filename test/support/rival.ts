import { AF_INET, LOOPBACK, type OtherProcess, type ProcessHandle, SOCK_STREAM, socket } from "kernel-helpers";

/** A listening handle of another process, and its port. */
export async function listeningIn(
  process: OtherProcess,
  name = "taken",
  address = LOOPBACK,
): Promise<{ taken: ProcessHandle; port: number }> {
  const taken = await process.socket(name, AF_INET, SOCK_STREAM);
  await taken.bind(address, 0);
  await taken.listen(5);
  return { taken, port: (await taken.getsockname()).port };
}

/** A connection between this process and another one. */
export async function pairWith(process: OtherProcess, name?: string, address?: string) {
  const { taken, port } = await listeningIn(process, name, address);
  const mine = socket("mine", AF_INET, SOCK_STREAM);
  await mine.connect(LOOPBACK, port);
  return { taken, port, mine, theirs: await taken.accept() };
}
