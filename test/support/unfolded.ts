/** What a cell printed, with the lines of the trace put together again that it breaks between words. */
export function unfolded(text: string): string {
  return text.replace(/\n {16}(?=\S)/g, " ");
}
