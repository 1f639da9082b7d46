#include "num/team.h"
#include "util/mem.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

/* Looks at a flag before it sleeps: a step has many small parts, and waking a thread takes longer
 * than most of them. */
enum { LOOKS = 4000 };

struct member {
    struct team *team;
    size_t part;
    pthread_t thread;
};

struct team {
    size_t n;
    struct member *member; /* n - 1: the caller does part 0 */
    size_t started;
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    atomic_size_t job;  /* counts up with each */
    atomic_size_t left; /* parts of it that are not done */
    bool quit;
    void (*f)(void *context, size_t part);
    void *context;
};

static void pause_a_little(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static bool wait_for_job(struct team *t, size_t last)
{
    for (int i = 0; i < LOOKS && atomic_load_explicit(&t->job, memory_order_acquire) == last; i++)
        pause_a_little();
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->job) == last)
        pthread_cond_wait(&t->begin, &t->lock);
    bool quit = t->quit;
    pthread_mutex_unlock(&t->lock);
    return !quit;
}

static void *work(void *context)
{
    const struct member *m = context;
    struct team *t = m->team;
    for (size_t job = 0; wait_for_job(t, job);) {
        job++;
        t->f(t->context, m->part);
        if (atomic_fetch_sub(&t->left, 1) == 1) {
            pthread_mutex_lock(&t->lock);
            pthread_cond_signal(&t->end);
            pthread_mutex_unlock(&t->lock);
        }
    }
    return NULL;
}

static void begin_job(struct team *t)
{
    atomic_store(&t->left, t->n - 1);
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add(&t->job, 1);
    pthread_cond_broadcast(&t->begin);
    pthread_mutex_unlock(&t->lock);
}

void team_run(struct team *t, void (*f)(void *context, size_t part), void *context)
{
    if (!t) {
        f(context, 0);
        return;
    }
    t->f = f;
    t->context = context;
    begin_job(t);
    f(context, 0);
    for (int i = 0; i < LOOKS && atomic_load_explicit(&t->left, memory_order_acquire) > 0; i++)
        pause_a_little();
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->left) > 0)
        pthread_cond_wait(&t->end, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

enum {
    STACK_BYTES = 1 << 20
}; /* products keep blocks of matrices there; some systems give 128 KB */

/* Signals stay with the thread that called. */
static bool start(struct team *t, struct error *err)
{
    sigset_t all, mask;
    pthread_attr_t wanted;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    pthread_attr_init(&wanted);
    int why = pthread_attr_setstacksize(&wanted, STACK_BYTES);
    for (size_t i = 0; i + 1 < t->n && why == 0; i++) {
        t->member[i] = (struct member){.team = t, .part = i + 1};
        why = pthread_create(&t->member[i].thread, &wanted, work, &t->member[i]);
        t->started += why == 0;
    }
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_attr_destroy(&wanted);
    return why == 0 ||
           error_set(err, ERR_SYSTEM, "cannot start %zu threads: %s", t->n, strerror(why));
}

bool team_new(size_t n, struct team **ret, struct error *err)
{
    *ret = NULL;
    if (n <= 1)
        return true;
    struct team *t = mem_new(sizeof *t);
    t->n = n;
    t->member = mem_array(n - 1, sizeof *t->member);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->begin, NULL);
    pthread_cond_init(&t->end, NULL);
    if (!start(t, err)) {
        team_free(t);
        return false;
    }
    *ret = t;
    return true;
}

void team_free(struct team *t)
{
    if (!t)
        return;
    t->quit = true;
    begin_job(t);
    for (size_t i = 0; i < t->started; i++)
        pthread_join(t->member[i].thread, NULL);
    pthread_cond_destroy(&t->begin);
    pthread_cond_destroy(&t->end);
    pthread_mutex_destroy(&t->lock);
    mem_free(t->member);
    mem_free(t);
}

size_t team_size(const struct team *t)
{
    return t ? t->n : 1;
}

void team_share(const struct team *t, size_t part, size_t n, size_t unit, size_t *ret_first,
                size_t *ret_count)
{
    size_t units = (n + unit - 1) / unit, parts = team_size(t);
    size_t first = units * part / parts * unit, end = units * (part + 1) / parts * unit;
    *ret_first = first < n ? first : n;
    *ret_count = (end < n ? end : n) - *ret_first;
}
