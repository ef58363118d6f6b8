/*
 * Clients of an echo server: ask PORT CLIENTS. It connects them all and prints how many microseconds that took. For each number that it reads
 * it makes so many requests of 100 bytes, one at a time for each client, all clients at once, and prints requests per second, and the
 * microseconds of the middle answer and of the 99th of a hundred.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define BYTES 100
#define EVENTS 512

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int order(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

struct client {
  int fd;
  int got;
  double asked;
};

static char question[BYTES];

static void ask(struct client *client) {
  client->asked = microseconds();
  client->got = 0;
  if (send(client->fd, question, BYTES, MSG_NOSIGNAL) != BYTES) fail("send");
}

int main(int count, char **words) {
  if (count != 3) return 2;
  int clients = atoi(words[2]), set = epoll_create1(0);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct client *all = calloc(clients, sizeof *all);
  memset(question, 'q', BYTES);
  double start = microseconds();
  for (int i = 0; i < clients; i++) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    all[i].fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  }
  printf("%.0f\n", microseconds() - start);
  fflush(stdout);
  long total;
  while (scanf("%ld", &total) == 1) {
    float *took = malloc(total * sizeof *took);
    long asked = 0, answered = 0;
    start = microseconds();
    for (int i = 0; i < clients && asked < total; i++, asked++) ask(&all[i]);
    while (answered < total) {
      struct epoll_event events[EVENTS];
      int ready = epoll_wait(set, events, EVENTS, 20000);
      if (ready <= 0) fail("no answer");
      for (int i = 0; i < ready; i++) {
        struct client *client = events[i].data.ptr;
        char answer[BYTES];
        ssize_t length = recv(client->fd, answer, BYTES - client->got, 0);
        if (length <= 0) fail("a client was lost");
        client->got += length;
        if (client->got < BYTES) continue;
        took[answered++] = microseconds() - client->asked;
        if (asked < total) {
          asked++;
          ask(client);
        }
      }
    }
    double passed = microseconds() - start;
    qsort(took, total, sizeof *took, order);
    printf("%.0f %.0f %.0f\n", total / passed * 1e6, took[total / 2], took[total * 99 / 100]);
    fflush(stdout);
    free(took);
  }
}
