#define _DEFAULT_SOURCE /* getentropy */
#include "util/system.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef DESCENT_GETENTROPY_IN_RANDOM
#include <sys/random.h>
#endif
#ifdef DESCENT_LINUX
#include <signal.h>
#include <sys/prctl.h>
#endif

#ifdef DESCENT_LINUX
/* What /proc/cpuinfo calls it; false where it has no such line, as on 64-bit ARM. */
static bool model_name(char *ret, size_t room)
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256];
    bool found = false;
    while (!found && f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        found = strncmp(line, "model name", 10) == 0 && colon && colon[1];
        line[strcspn(line, "\n")] = '\0';
        if (found)
            snprintf(ret, room, "%s", colon + 2);
    }
    if (f)
        fclose(f);
    return found;
}
#endif

void system_processor(char *ret, size_t room)
{
    struct utsname u;
#ifdef DESCENT_LINUX
    if (model_name(ret, room))
        return;
#endif
    snprintf(ret, room, "%s", uname(&u) == 0 ? u.machine : "unknown");
}

bool system_program(char *ret, size_t room)
{
#ifdef DESCENT_LINUX
    ssize_t n = readlink("/proc/self/exe", ret, room - 1);
    bool whole = n > 0 && (size_t)n < room - 1; /* the system gives no longer one */
    if (whole)
        ret[n] = '\0';
    return whole;
#else
    (void)ret, (void)room;
    return false;
#endif
}

void system_end_with_parent(void)
{
#ifdef DESCENT_LINUX
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

int64_t system_peak_memory(void)
{
    struct rusage use;
#ifdef __APPLE__
    enum { UNIT = 1 };
#else
    enum { UNIT = 1024 };
#endif
    return getrusage(RUSAGE_SELF, &use) == 0 ? (int64_t)use.ru_maxrss * UNIT : 0;
}

void system_random(unsigned char *ret, size_t n)
{
#ifdef DESCENT_GETENTROPY
    if (getentropy(ret, n) == 0)
        return;
#else
    FILE *f = fopen("/dev/urandom", "rb");
    bool whole = f && fread(ret, 1, n, f) == n;
    if (f)
        fclose(f);
    if (whole)
        return;
#endif
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t x = ((uint64_t)now.tv_nsec << 32 | (uint64_t)getpid()) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n; i++)
        ret[i] = (unsigned char)(x >> 4 * (i % 16));
}

struct timespec system_written(const struct stat *st)
{
#if defined(DESCENT_ST_MTIM)
    return st->st_mtim;
#elif defined(__APPLE__)
    return st->st_mtimespec;
#else
    return (struct timespec){.tv_sec = st->st_mtime};
#endif
}
