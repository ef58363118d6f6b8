/*
 * Much data over one TCP connection on the loopback interface. `bulk` takes it and prints its port first; `bulk PORT` sends it. A round is a
 * megabyte, and a turn ends when the one who takes it has answered with a byte.
 */
#include "../measure/turns.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

static int connection;
static char memory[MEGABYTE];

static int takes(long rounds) {
  long long left = (long long)rounds * MEGABYTE;
  while (left > 0) {
    ssize_t count = recv(connection, memory, 65536, 0);
    if (count <= 0) return 2;
    left -= count;
  }
  return send(connection, "!", 1, MSG_NOSIGNAL) != 1;
}

static int sends(long rounds) {
  for (long i = 0; i < rounds; i++) {
    for (ssize_t sent = 0, count; sent < MEGABYTE; sent += count) {
      count = send(connection, memory + sent, MEGABYTE - sent, MSG_NOSIGNAL);
      if (count < 0) return 2;
    }
  }
  return recv(connection, memory, 1, 0) != 1;
}

int main(int count, char **values) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int one = socket(AF_INET, SOCK_STREAM, 0);
  if (count > 1) {
    at.sin_port = htons(atoi(values[1]));
    if (connect(one, (struct sockaddr *)&at, length)) return 1;
    connection = one;
    return in_turns(sends);
  }
  if (bind(one, (struct sockaddr *)&at, length) || listen(one, 1)) return 1;
  if (getsockname(one, (struct sockaddr *)&at, &length)) return 1;
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  connection = accept(one, NULL, NULL);
  return in_turns(takes);
}
