/**
 * The noun after a number: "byte" after 1, "bytes" after every other.
 *
 * @param number as it stands in the sentence
 */
export function noun(number: number | string, one: string, many = `${one}s`): string {
  return `${number}` === "1" ? one : many;
}
