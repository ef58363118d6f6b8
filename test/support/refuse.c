/*
 * Runs a program on a system that answers one call (CALL, such as SYS_unshare) with an errno (ANSWER), by the kernel itself (seccomp(2)), as
 * containers do. With VALUE only where the argument number ARGUMENT, from 0, has that value. See refusal.ts.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef VALUE
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 0, 3),
      /* The low half of the argument, on a processor that stores it first. */
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[ARGUMENT])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VALUE, 0, 1),
#else
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 0, 1),
#endif
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ANSWER),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
  if (argc < 2) return 2;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("seccomp");
    return 1;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
