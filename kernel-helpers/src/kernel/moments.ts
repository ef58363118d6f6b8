/** A moment: by the clock, and by the processor time that this process has used so far, both in milliseconds. */
export interface Moment {
  readonly at: number;
  readonly used: number;
}

/** Now. */
export function moment(): Moment {
  return { at: performance.now(), used: computed() };
}

/** Whether so much time has passed since then: as processor time, or in all. */
export function isOver({ at, used }: Moment, { computing, inAll }: { computing: number; inAll: number }): boolean {
  return computed() - used >= computing || performance.now() - at >= inAll;
}

/** The processor time of this process so far, in milliseconds. */
export function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
