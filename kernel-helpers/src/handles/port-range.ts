/** The ports that `choosePort` chooses from: the first, the last, and those between. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Above the well-known ports, and below the range that the system gives to clients. */
const LOWEST = 1024;
const HIGHEST = 32_767;
const USUAL: PortRange = { first: 20_000, last: HIGHEST };

/** Where many people share one machine, so that each of them has ports of their own. */
const VARIABLE = "SOCKET_WORKSHOP_PORTS";

/**
 * The range of this process: that of the environment variable SOCKET_WORKSHOP_PORTS, `20000-20199`, or the usual one.
 *
 * @throws RangeError when the variable is set to anything else
 */
export function portRange(text = process.env[VARIABLE]): PortRange {
  if (text === undefined || text === "") return USUAL;
  const [, first, last] = (text.match(/^(\d{1,5})-(\d{1,5})$/) ?? []).map(Number);
  if (first === undefined || last === undefined || first > last || first < LOWEST || last > HIGHEST) {
    const wanted = `it must name the first and the last port, such as 20000-20199, from ${LOWEST} to ${HIGHEST}`;
    throw new RangeError(
      `${VARIABLE} is ${JSON.stringify(text)}, but ${wanted}. Unset it, or ask who runs the server.`,
    );
  }
  return { first, last };
}
