// Runs a program to its end and says how long that took and how much memory it had. Small itself:
// a system counts a process's memory from that of the one that starts it.
//
// Run: launch PROGRAM ARGUMENTS...; what the program prints must contain 0.1677.
#include "protocol.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char **command;
static double mebibytes;
static char output[4096];

static const char *run(void) {
  int ends[2];
  if (pipe(ends)) return "no pipe";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
  pid_t child;
  int problem = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  size_t length = 0;
  ssize_t got;
  while (!problem && (got = read(ends[0], output + length, sizeof output - 1 - length)) > 0)
    length += (size_t)got;
  output[length] = 0;
  close(ends[0]);
  if (problem) return "the program does not start";
  struct rusage usage;
  int status = 0;
  if (wait4(child, &status, 0, &usage) < 0 || status != 0) return "the program failed";
#ifdef __APPLE__
  mebibytes = (double)usage.ru_maxrss / 1048576;
#else
  mebibytes = (double)usage.ru_maxrss / 1024;
#endif
  return strstr(output, "0.1677") ? NULL : "the program printed something else";
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  command = arguments + 1;
  char line[256];
  int asks_memory = 0;
  while (fgets(line, sizeof line, stdin)) {
    double start = anchor_seconds();
    const char *problem = run();
    double elapsed = anchor_seconds() - start;
    if (problem) printf("failed %s\n", problem);
    else if (strncmp(line, "prepare ", 8) == 0) {
      asks_memory = strncmp(line + 8, "memory", 6) == 0;
      puts("ready");
    } else
      printf("value %.9g\n", asks_memory ? mebibytes : elapsed);
    fflush(stdout);
  }
  return 0;
}
