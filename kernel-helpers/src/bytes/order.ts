import { integerBetween } from "./arguments";

// Every platform of the workshop is little-endian, and network order is big-endian: the four functions swap bytes.

function swap16(what: string, number: number): number {
  const n = integerBetween(what, number, 0, 0xffff);
  return ((n & 0xff) << 8) | (n >>> 8);
}

function swap32(what: string, number: number): number {
  const n = integerBetween(what, number, 0, 0xffffffff);
  return (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
}

/**
 * htons(3): 16 bits from host to network order, as a port is stored in an address.
 *
 * Manual: man 3 htons.
 *
 * @param hostshort an integer from 0 to 65535
 * @returns Returns the number with its bytes in the other order, 0 to 65535
 * @throws Errors: RangeError for what is out of range or no integer; TypeError for what is no number
 */
export function htons(hostshort: number): number {
  return swap16("htons: the number", hostshort);
}

/**
 * ntohs(3): 16 bits from network to host order, as a port is read out of an address.
 *
 * Manual: man 3 ntohs.
 *
 * @param netshort an integer from 0 to 65535
 * @returns Returns the number with its bytes in the other order, 0 to 65535
 * @throws Errors: RangeError for what is out of range or no integer; TypeError for what is no number
 */
export function ntohs(netshort: number): number {
  return swap16("ntohs: the number", netshort);
}

/**
 * htonl(3): 32 bits from host to network order, as an IPv4 address is stored.
 *
 * Manual: man 3 htonl.
 *
 * @param hostlong an integer from 0 to 4294967295
 * @returns Returns the number with its bytes in the other order, 0 to 4294967295
 * @throws Errors: RangeError for what is out of range or no integer; TypeError for what is no number
 */
export function htonl(hostlong: number): number {
  return swap32("htonl: the number", hostlong);
}

/**
 * ntohl(3): 32 bits from network to host order, as an IPv4 address is read.
 *
 * Manual: man 3 ntohl.
 *
 * @param netlong an integer from 0 to 4294967295
 * @returns Returns the number with its bytes in the other order, 0 to 4294967295
 * @throws Errors: RangeError for what is out of range or no integer; TypeError for what is no number
 */
export function ntohl(netlong: number): number {
  return swap32("ntohl: the number", netlong);
}
