/* Runs in processes of their own: a crash takes one, and memory that is only read is shared. */
#include "sweep/internal.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/system.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a worker tells; small enough to be written in one piece. */
struct message {
    double done;     /* share of its job; negative: text says why it failed */
    bool lengthened; /* as run_result has it */
    char text[400];
};

struct worker {
    pid_t pid; /* 0: free */
    int pipe;
    size_t id;
    struct message last;
    bool heard;
    double first; /* where it resumes: what it told first */
};

struct pool {
    size_t n;
    struct worker *worker;
};

struct pool *pool_new(size_t workers)
{
    struct pool *p = mem_new(sizeof *p);
    p->n = workers;
    p->worker = mem_array(workers, sizeof *p->worker);
    return p;
}

void pool_free(struct pool *p)
{
    for (size_t i = 0; p && i < p->n; i++)
        if (p->worker[i].pid > 0) {
            kill(p->worker[i].pid, SIGKILL);
            waitpid(p->worker[i].pid, NULL, 0);
            close(p->worker[i].pipe);
        }
    if (p)
        mem_free(p->worker);
    mem_free(p);
}

static size_t count(const struct pool *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->worker[i].pid > 0;
    return n;
}

bool pool_is_full(const struct pool *p)
{
    return count(p) == p->n;
}

bool pool_is_empty(const struct pool *p)
{
    return count(p) == 0;
}

/* ---- in the worker ---- */

static volatile sig_atomic_t worker_signal;

/* A second request to stop is the parent's affair. */
static void on_signal(int signal)
{
    if (worker_signal == 0 || worker_signal == SIGUSR2)
        worker_signal = signal;
}

/* The terminal's signals reach the parent too, which asks its workers to stop in its own way. */
static void set_signals(void)
{
    static const struct {
        int signal;
        void (*handler)(int);
    } v[] = {{SIGINT, SIG_IGN},    {SIGHUP, SIG_IGN},    {SIGTERM, on_signal}, {SIGUSR1, on_signal},
             {SIGUSR2, on_signal}, {SIGXCPU, on_signal}, {SIGPIPE, SIG_DFL}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct sigaction a = {.sa_handler = v[i].handler, .sa_flags = SA_RESTART};
        sigemptyset(&a.sa_mask);
        sigaction(v[i].signal, &a, NULL);
    }
}

struct line {
    int pipe;
    double told; /* monotonic seconds */
    double done; /* share of the job */
};

/* Once nobody reads any more, this ends the worker. */
static void tell(int pipe, const struct message *m)
{
    ssize_t n = write(pipe, m, sizeof *m);
    (void)n;
}

static void on_progress(void *context, int64_t done, int64_t total)
{
    struct line *l = context;
    double now = clock_monotonic();
    l->done = total > 0 ? (double)done / (double)total : 0;
    if (now - l->told < 0.1)
        return;
    l->told = now;
    tell(l->pipe, &(struct message){.done = l->done});
}

static int work(const struct pool_job *job, int pipe)
{
    struct line line = {.pipe = pipe, .done = job->begun};
    struct run_options o = job->options;
    struct run_result result;
    struct error err;
    log_set_level(LOG_QUIET);
    log_set_subject(o.folder);
    o.signal = &worker_signal;
    o.progress = on_progress;
    o.context = &line;
    bool ok = run_execute(job->spec, &o, &result, &err);
    /* a member that waits for others has got so far */
    tell(pipe, &(struct message){.done = line.done, .lengthened = result.lengthened});
    if (ok)
        return result.exit_code;
    struct message m = {.done = -1, .lengthened = result.lengthened};
    snprintf(m.text, sizeof m.text, "%.*s", (int)sizeof m.text - 1, err.message);
    tell(pipe, &m);
    return result.busy ? POOL_BUSY : (int)err.code;
}

static void become_worker(struct pool *p, const struct pool_job *job, int pipe, pid_t parent,
                          const sigset_t *mask)
{
    worker_signal = 0;
    set_signals();
    sigprocmask(SIG_SETMASK, mask, NULL);
    system_end_with_parent();
    if (getppid() != parent)
        _exit(ERR_SYSTEM);
    for (size_t i = 0; i < p->n; i++)
        if (p->worker[i].pid > 0)
            close(p->worker[i].pipe);
    _exit(work(job, pipe));
}

/* ---- in the parent ---- */

bool pool_start(struct pool *p, size_t id, const struct pool_job *job, struct error *err)
{
    struct worker *w = p->worker;
    int ends[2];
    sigset_t all, mask;
    while (w->pid > 0)
        w++;
    if (pipe(ends) != 0)
        return error_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(errno));
    fflush(NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all,
                &mask); /* no signal may find the parent's handlers in the worker */
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become_worker(p, job, ends[1], parent, &mask);
    }
    int why = errno;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return error_set(err, ERR_SYSTEM, "cannot start a process: %s", strerror(why));
    }
    *w = (struct worker){
        .pid = pid, .pipe = ends[0], .id = id, .last.done = job->begun, .first = job->begun};
    return true;
}

void pool_signal(struct pool *p, int signal)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->worker[i].pid > 0)
            kill(p->worker[i].pid, signal);
}

/* Whether the worker still lives: it ends with the end of what it has to tell. */
static bool listen_to(struct worker *w)
{
    struct message m;
    ssize_t n = read(w->pipe, &m, sizeof m);
    if (n == (ssize_t)sizeof m) {
        if (!w->heard)
            w->first = m.done;
        w->heard = true;
        w->last = m;
    }
    return n > 0 || (n < 0 && errno == EINTR);
}

static void bury(struct worker *w, struct pool_end *ret)
{
    int status = 0;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(w->pipe);
    *ret = (struct pool_end){.id = w->id,
                             .first = fmax(0, w->first),
                             .last = fmax(0, w->last.done),
                             .code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                             .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                             .lengthened = w->last.lengthened};
    if (w->last.done < 0)
        snprintf(ret->message, sizeof ret->message, "%s", w->last.text);
    *w = (struct worker){0};
}

bool pool_wait(struct pool *p, struct pool_end *ret)
{
    struct pollfd *fd = mem_array(p->n, sizeof *fd);
    for (size_t i = 0; i < p->n; i++)
        fd[i] =
            (struct pollfd){.fd = p->worker[i].pid > 0 ? p->worker[i].pipe : -1, .events = POLLIN};
    int ready = poll(fd, (nfds_t)p->n, 100);
    bool ended = false;
    for (size_t i = 0; ready > 0 && i < p->n && !ended; i++)
        if (fd[i].revents != 0 && !listen_to(&p->worker[i])) {
            bury(&p->worker[i], ret);
            ended = true;
        }
    mem_free(fd);
    return ended;
}

double pool_progress(const struct pool *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->worker[i].pid > 0 && p->worker[i].last.done > 0)
            sum += p->worker[i].last.done;
    return sum;
}

double pool_gained(const struct pool *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->worker[i].pid > 0 && p->worker[i].last.done > 0)
            sum += p->worker[i].last.done - p->worker[i].first;
    return sum;
}
