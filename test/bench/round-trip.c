/* Send and receive N times over one TCP connection on the loopback interface, both ends in this process. Prints microseconds of work a round. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **values) {
  int rounds = count > 1 ? atoi(values[1]) : 10000;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  char memory[1024];
  struct timespec start, end;
  if (bind(listener, (struct sockaddr *)&at, length) || listen(listener, 1)) return 1;
  if (getsockname(listener, (struct sockaddr *)&at, &length)) return 1;
  if (connect(client, (struct sockaddr *)&at, length)) return 1;
  int server = accept(listener, NULL, NULL);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  for (int i = 0; i < rounds; i++) {
    if (send(client, "hello", 5, MSG_NOSIGNAL) != 5 || recv(server, memory, sizeof memory, 0) != 5) return 2;
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / 1e3 / rounds);
  return 0;
}
