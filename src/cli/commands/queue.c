/* What of a sweep is in Slurm's queue, in words. */
#include "cli/commands/queue.h"
#include <string.h>

/* Reasons of Slurm that ask for something to be done. */
static const struct {
    const char *reason, *meaning;
} meanings[] = {
    {"JobHeldUser", "held: 'scontrol release JOB' lets it go"},
    {"JobHeldAdmin", "held by the cluster's people: ask them"},
    {"ReqNodeNotAvail", "its nodes are drained, down or reserved"},
    {"PartitionDown", "the partition is down"},
    {"PartitionTimeLimit", "sweep.slurm.time is more than the partition allows"},
    {"PartitionNodeLimit", "the partition has no such nodes"},
    {"BadConstraints", "no node has the memory (--memory), the processors (threads, -j) or the "
                       "features (sweep.slurm.constraint) asked for"},
    {"AssocMax", "a limit of your account"},
    {"AssocGrp", "a limit of your account"},
    {"QOS", "a limit of the quality of service"},
    {"launch failed", "a node could not start it: 'scontrol release JOB' tries again"},
};

static const char *meaning_of(const char *reasons)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strstr(reasons, meanings[i].reason))
            return meanings[i].meaning;
    return NULL;
}

static void describe(const struct slurm_submission *b, struct strbuf *out)
{
    if (b->strays[0])
        strbuf_addf(out,
                    "slurm job %s came of a call that was cut short and trains nothing: the next "
                    "'--launcher slurm' cancels it\n",
                    b->strays);
    if (b->running + b->waiting == 0 && !b->summaries[0])
        return;
    strbuf_addf(out, "slurm job %s: %zu running, %zu waiting", b->array, b->running, b->waiting);
    const char *meaning = meaning_of(b->reasons);
    if (b->reasons[0])
        strbuf_addf(out, " (%s%s%s)", b->reasons, meaning ? ": " : "", meaning ? meaning : "");
    if (b->summaries[0])
        strbuf_addf(out, "; then job %s, the summary", b->summaries);
    strbuf_add(out, "\n");
}

bool cli_describe_queue(const struct sweep *s, const char *folder, struct arena *a,
                        struct strbuf *out, const enum slurm_life **ret_life)
{
    struct slurm_queue queue;
    struct error err;
    bool any = false;
    *ret_life = NULL;
    if (!slurm_has_submissions(folder))
        return false;
    if (!slurm_read_queue(folder, false, a, &queue, &err)) {
        strbuf_addf(out, "slurm: the queue cannot be read: %s\n", err.message);
        return true;
    }
    *ret_life = sweep_lives(s, &queue, a);
    for (size_t i = 0; i < queue.n; i++) {
        const struct slurm_submission *b = &queue.v[i];
        describe(b, out);
        any |= b->running + b->waiting > 0 || b->summaries[0] || b->strays[0];
    }
    if (!any)
        strbuf_addf(out, "slurm: no job of it is in the queue; logs in %s/.slurm\n", folder);
    return any;
}
