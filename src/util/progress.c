#include "util/progress.h"
#include "util/log.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double progress_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_begin(struct progress *p, int64_t first)
{
    *p = (struct progress){.shown = isatty(STDERR_FILENO) && log_level() != LOG_QUIET,
                           .first = first};
    p->started = p->drawn = progress_now();
}

void progress_draw(struct progress *p, int64_t done, int64_t total, const char *label)
{
    enum { WIDTH = 30 };
    double now = progress_now();
    if (!p->shown || total <= 0 || now - p->drawn < 0.1)
        return;
    p->drawn = now;
    char bar[WIDTH + 1];
    int64_t full = done * WIDTH / total;
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    double left = done > p->first
                      ? (now - p->started) / (double)(done - p->first) * (double)(total - done)
                      : 0;
    long seconds = (long)(left + 0.5);
    fprintf(stderr, "\r\033[K[%s] %lld/%lld  %s  ETA %ld:%02ld", bar, (long long)done,
            (long long)total, label, seconds / 60, seconds % 60);
    fflush(stderr);
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
