/** What of the calls a ladder draws. */
export interface LadderOptions {
  /** How many of the last calls to draw, 1 or more: 200 unless told, 1,000 at most. */
  readonly last?: number;
  /** The names of the handles to draw: all unless told. */
  readonly only?: readonly string[];
}
