#include "util/processor.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 3 };

static const char *const words[LEVELS] = {"baseline", "v3", "v4"};
static const char *const names[LEVELS] = {"baseline", "x86-64-v3", "x86-64-v4"};

static enum processor best(void)
{
#if PROCESSOR_HAS_LEVELS
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return PROCESSOR_V4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
#ifdef DESCENT_V4_BY_V3
        return PROCESSOR_V4;
#else
        return PROCESSOR_V3;
#endif
#endif
    return PROCESSOR_BASELINE;
}

/* The level that a word names; false where none is. */
static bool find(const char *word, enum processor *ret)
{
    for (int k = 0; k < LEVELS; k++)
        if (strcmp(word, words[k]) == 0) {
            *ret = (enum processor)k;
            return true;
        }
    return false;
}

bool processor_check(struct error *err)
{
    const char *word = getenv("DESCENT_PROCESSOR");
    enum processor wanted;
    if (!word || word[0] == '\0')
        return true;
    if (!find(word, &wanted))
        return error_set(err, ERR_USAGE,
                         "DESCENT_PROCESSOR is '%s': one of baseline, v3, v4 is expected", word);
    if (wanted > best())
        return error_set(err, ERR_USAGE,
                         "DESCENT_PROCESSOR is '%s': this processor has %s at most; unset it, or "
                         "set it to %s",
                         word, names[best()], words[best()]);
    return true;
}

static enum processor choose(void)
{
    const char *word = getenv("DESCENT_PROCESSOR");
    enum processor wanted, most = best();
    return word && find(word, &wanted) && wanted < most ? wanted : most;
}

enum processor processor_now(void)
{
    /* The process's, as its processor is: 0 is not known yet, else the level and 1. */
    static atomic_int known;
    int now = atomic_load_explicit(&known, memory_order_relaxed);
    if (now == 0) {
        now = 1 + (int)choose();
        atomic_store_explicit(&known, now, memory_order_relaxed);
    }
    return (enum processor)(now - 1);
}

bool processor_fuses(void)
{
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__aarch64__)
    return true;
#else
    return processor_now() != PROCESSOR_BASELINE;
#endif
}

const char *processor_level(void)
{
    return names[processor_now()];
}
