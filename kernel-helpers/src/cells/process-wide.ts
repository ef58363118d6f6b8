/**
 * A value that exists once per process, even when this package is loaded twice (a copied module, a cleared cache):
 * two reactors or two registries would close each other's descriptors.
 *
 * @param key a short name; the value is kept under a registered symbol on `globalThis`
 * @param make makes the value the first time
 */
export function processWide<T>(key: string, make: () => T): T {
  const symbol = Symbol.for(`socket-workshop.${key}`);
  const holder = globalThis as unknown as Record<symbol, T | undefined>;
  holder[symbol] ??= make();
  return holder[symbol];
}
