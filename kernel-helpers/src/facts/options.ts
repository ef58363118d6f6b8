import * as ip from "./ip-options";
import * as ipv6 from "./ipv6-options";
import type { SocketOption } from "./option";
import * as socket from "./socket-options";
import * as tcp from "./tcp-options";

export type {
  Credentials,
  Ipv4Membership,
  Ipv6Membership,
  LingerValue,
  OptionInput,
  OptionKind,
  SocketOption,
} from "./option";
export * from "./option-constants";

/** Every option known here, also those that this platform lacks (their number is -1). */
export const OPTIONS: readonly SocketOption<unknown>[] = [
  ...Object.values(socket),
  ...Object.values(tcp),
  ...Object.values(ip),
  ...Object.values(ipv6),
];

/** The option with this number at this level, or undefined when it is not known here. */
export function optionByNumber(level: number, number: number): SocketOption<unknown> | undefined {
  return OPTIONS.find((option) => option.level === level && option.number === number && number !== -1);
}
