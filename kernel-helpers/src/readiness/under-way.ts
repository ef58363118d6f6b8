import { tooMany } from "./turn";

/** The calls of one function that have not returned yet. More than a program needs are a loop without `await`: it ends before the memory does. */
export class UnderWay {
  private count = 0;

  /**
   * @param call the function as it is called: "serve"
   * @param most so many of them may be under way
   */
  constructor(
    private readonly call: string,
    private readonly most: number,
  ) {}

  /**
   * Makes one of the calls, which rejects where it fails.
   *
   * @throws BusyError at once when too many are under way: a promise would not end the loop
   */
  make<T>(call: () => Promise<T>): Promise<T> {
    if (this.count >= this.most) {
      const what = `was not made: ${this.most.toLocaleString("en-US")} of these calls have not returned yet`;
      throw tooMany(`${this.call}()`, undefined, what);
    }
    this.count += 1;
    const over = () => {
      this.count -= 1;
    };
    const made = call();
    // Like every wait here: one that nobody looks at is never reported as unhandled.
    made.then(over, over);
    return made;
  }
}
