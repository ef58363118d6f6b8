/*
 * Prints what the C compiler knows, one "name=value" a line. The test writes the rows from the tables of kernel-helpers:
 * a name that the headers do not have stops the compiler.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#ifdef PROBE_TCP_INFO
/* The kernel's struct tcp_info is longer than the one of the C library; the two headers exclude each other. */
#include <linux/tcp.h>
#else
#include <netinet/tcp.h>
#endif
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define NUMBER(label, expression) printf("%s=%lld\n", label, (long long)(expression));
#define TEXT(label, number) printf("%s=%s\n", label, strerror(number));

int main(void) {
#include "rows.h"
  return 0;
}
