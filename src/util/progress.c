#include "util/progress.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/terminal.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void progress_begin(struct progress *p, int64_t first)
{
    *p = (struct progress){.shown = terminal_redraws() && log_level() != LOG_QUIET, .first = first};
    p->started = p->drawn = clock_monotonic();
}

/* "12:34" or "1:02:03" behind its name. */
static int write_eta(char ret[40], long seconds)
{
    if (seconds < 0)
        return snprintf(ret, 40, "%s", "");
    return seconds >= 3600 ? snprintf(ret, 40, "  ETA %ld:%02ld:%02ld", seconds / 3600,
                                      seconds / 60 % 60, seconds % 60)
                           : snprintf(ret, 40, "  ETA %ld:%02ld", seconds / 60, seconds % 60);
}

/* On the terminal as wide as it is now: where that is narrow, the bar is shorter or missing, then
 * the label is cut. */
void progress_show(double share, const char *count, const char *label, long seconds)
{
    enum { BAR = 30, BAR_LEAST = 5, FRAME = 3 };
    char eta[40];
    int room = (int)terminal_columns(STDERR_FILENO) - 1, timed = write_eta(eta, seconds),
        counted = (int)strlen(count), told = label[0] ? (int)strlen(label) + 2 : 0,
        bar = room - counted - timed - told - FRAME, left = room - counted - timed - 2;
    fputs("\r\033[K", stderr);
    bar = bar > BAR ? BAR : bar;
    if (bar >= BAR_LEAST) {
        fputc('[', stderr);
        for (int i = 0; i < bar; i++)
            fputc(i < (int)(share * bar) ? '#' : '.', stderr);
        fputs("] ", stderr);
    }
    if (left >= 0)
        fprintf(stderr, "%s%s%.*s%s", count, told > 0 && left > 0 ? "  " : "", left, label, eta);
    else
        fprintf(stderr, "%.*s", room, count);
    fflush(stderr);
}

void progress_draw(struct progress *p, int64_t done, int64_t total, const char *label)
{
    double now = clock_monotonic();
    char count[64];
    if (!p->shown || total <= 0 || now - p->drawn < 0.1)
        return;
    p->drawn = now;
    double left = done > p->first
                      ? (now - p->started) / (double)(done - p->first) * (double)(total - done)
                      : 0;
    snprintf(count, sizeof count, "%lld/%lld", (long long)done, (long long)total);
    progress_show((double)done / (double)total, count, label, (long)(left + 0.5));
}

long pace_left(struct pace *p, double now, double done, double left)
{
    enum { LEAST = 2, MOST = 1000000000 }; /* seconds */
    if (!p->begun && done > 0)
        *p = (struct pace){true, now, done};
    double seconds = now - p->began, gained = done - p->from;
    if (!p->begun || seconds < LEAST || !(gained > 0))
        return -1;
    double all = (left > 0 ? left : 0) * seconds / gained;
    return all < MOST ? (long)(all + 0.5) : -1;
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
