/* Makes the calls that the test writes into rows.h, none of which can do harm: nearly all are given -1 as their socket. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
#include "rows.h"
  return 0;
}
