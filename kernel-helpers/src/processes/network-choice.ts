/** Which network a process is in: the notebook's, or one that nobody else is in. */
export type NetworkChoice = "shared" | "own";
