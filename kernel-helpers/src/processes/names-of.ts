/** More names than these are counted: a server can have thousands of clients. */
const NAMED = 20;

/** The names of handles: `"echo", "echo→1" and 98 more`. */
export function namesOf(handles: readonly { readonly name: string }[]): string {
  const named = handles.slice(0, NAMED).map(({ name }) => `"${name}"`);
  const more = handles.length - named.length;
  return named.join(", ") + (more === 0 ? "" : ` and ${more} more`);
}
