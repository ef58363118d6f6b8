/* Sends and receives over one TCP connection on the loopback interface, both ends in this process. */
#include "../measure/turns.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static int client, server;

static int turn(long rounds) {
  char memory[1024];
  for (long i = 0; i < rounds; i++) {
    if (send(client, "hello", 5, MSG_NOSIGNAL) != 5 || recv(server, memory, sizeof memory, 0) != 5) return 2;
  }
  return 0;
}

int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  client = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at, length) || listen(listener, 1)) return 1;
  if (getsockname(listener, (struct sockaddr *)&at, &length)) return 1;
  if (connect(client, (struct sockaddr *)&at, length)) return 1;
  server = accept(listener, NULL, NULL);
  return in_turns(turn);
}
