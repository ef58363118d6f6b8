import { facts } from "../facts";
import { declare } from "../libc";

const libc = declare<{ prctl(option: number, second: number, third: number, fourth: number, fifth: number): number }>(
  {
    prctl:
      "int prctl(int option, unsigned long second, unsigned long third, unsigned long fourth, unsigned long fifth)",
  },
  "linux",
);

const PR_SET_PDEATHSIG = 1; // linux/prctl.h
const SIGKILL = 9;

/**
 * prctl(2), PR_SET_PDEATHSIG: the system kills this process when the one that started it ends, even while this one is stopped. Linux only;
 * elsewhere it does nothing. It is no call of the workshop, so it leaves no record.
 */
export function endWithParent(): void {
  if (facts.os === "linux") libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}
