/*
 * A program that is measured: for each line of its input, a number of rounds, it makes them, and prints the microseconds of work and those
 * that passed, for one round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double microseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* `turn` makes so many rounds; anything but 0 ends the program with that status. */
static int in_turns(int (*turn)(long rounds)) {
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    long rounds = atol(line);
    double passed = microseconds(CLOCK_MONOTONIC), work = microseconds(CLOCK_PROCESS_CPUTIME_ID);
    int status = turn(rounds);
    if (status) return status;
    work = microseconds(CLOCK_PROCESS_CPUTIME_ID) - work;
    passed = microseconds(CLOCK_MONOTONIC) - passed;
    printf("%f %f\n", work / rounds, passed / rounds);
    fflush(stdout);
  }
  return 0;
}
