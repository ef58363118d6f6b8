/** Whether two sockets with these addresses cannot have the same port. */
export function conflict(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  // [::] takes IPv4 too, unless IPV6_V6ONLY is set: the table does not tell.
  if (a === b || a === "::" || b === "::") return true;
  if (a.includes(":") || b.includes(":")) return false;
  return a === "0.0.0.0" || b === "0.0.0.0";
}

/** An IPv4 address in IPv6 form is the IPv4 address; the tables do not name the interface of a link-local one. */
function plain(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}
