// What every anchor shares: the conversation with the benchmark that asks it, and the clock.
//
// An anchor reads a line and answers with one: "prepare CASE" with "ready", "absent" or
// "failed REASON"; "run SECONDS" with "value X", seconds for one item over at least so many
// seconds, after one call that does not count.
#ifndef BACKTAPE_ANCHOR_PROTOCOL_H
#define BACKTAPE_ANCHOR_PROTOCOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// One case: what to time, the items a call does, and a check, which gives a reason if it fails.
struct anchor_case {
  const char *name;
  void (*call)(void);
  double items;
  const char *(*check)(void);
};

static double anchor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double anchor_time(const struct anchor_case *work, double count) {
  double start = anchor_seconds();
  for (double i = 0; i < count; i++) work->call();
  return anchor_seconds() - start;
}

static double anchor_measure(const struct anchor_case *work, double least) {
  double first = anchor_time(work, 1);
  double count = least / (first > 1e-9 ? first : 1e-9);
  if (count < 1) count = 1;
  double elapsed = anchor_time(work, count);
  while (elapsed < least / 2) {
    count *= 2;
    elapsed = anchor_time(work, count);
  }
  return elapsed / (count * work->items);
}

static int anchor_serve(const struct anchor_case *cases, int count) {
  const struct anchor_case *current = NULL;
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "prepare ", 8) == 0) {
      current = NULL;
      for (int i = 0; i < count; i++)
        if (strcmp(line + 8, cases[i].name) == 0) current = &cases[i];
      const char *problem = current && current->check ? current->check() : NULL;
      if (!current) puts("absent");
      else if (problem) printf("failed %s\n", problem);
      else puts("ready");
    } else if (strncmp(line, "run ", 4) == 0 && current) {
      printf("value %.9g\n", anchor_measure(current, atof(line + 4)));
    } else {
      puts("failed nothing is prepared");
    }
    fflush(stdout);
  }
  return 0;
}

#endif
