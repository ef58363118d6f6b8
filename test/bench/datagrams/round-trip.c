/* Sends a datagram over the loopback interface and receives it, both ends in this process. */
#include "../measure/turns.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static int sender, receiver;
static struct sockaddr_in there = {.sin_family = AF_INET};

static int turn(long rounds) {
  char memory[1024];
  struct sockaddr_in from;
  for (long i = 0; i < rounds; i++) {
    socklen_t length = sizeof from;
    if (sendto(sender, "hello", 5, MSG_NOSIGNAL, (struct sockaddr *)&there, sizeof there) != 5) return 2;
    if (recvfrom(receiver, memory, sizeof memory, 0, (struct sockaddr *)&from, &length) != 5) return 2;
  }
  return 0;
}

int main(void) {
  socklen_t length = sizeof there;
  sender = socket(AF_INET, SOCK_DGRAM, 0);
  receiver = socket(AF_INET, SOCK_DGRAM, 0);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(receiver, (struct sockaddr *)&there, length)) return 1;
  if (getsockname(receiver, (struct sockaddr *)&there, &length)) return 1;
  return in_turns(turn);
}
