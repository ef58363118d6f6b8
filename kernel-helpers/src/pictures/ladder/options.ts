/** What of the record a ladder shows. */
export interface LadderOptions {
  /** How many of the last calls to draw, 1 to 1,000: 200 unless told. */
  readonly last?: number;
  /** The names of the handles to draw: all unless told. */
  readonly only?: readonly string[];
}
