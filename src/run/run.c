/* One run in one folder: start or resume, train, leave everything behind. */
#include "folder/folder.h"
#include "num/blas.h"
#include "num/matmul.h"
#include "run/internal.h"
#include "run/line.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/log.h"
#include "util/processor.h"
#include "util/terminal.h"
#include "util/text.h"
#include <string.h>
#include <unistd.h>

/* ---- the lock ---- */

static bool lock_folder(struct run *r, struct run_result *ret, struct error *err)
{
    static const struct lock_range whole = {0};
    const struct lock_wanted wanted = {&whole, 1, r->options->wait, r->options->member};
    if (lock_take(&r->lock, r->folder, &wanted, &ret->busy, err))
        return true;
    return ret->busy &&
           error_set(
               err, ERR_SYSTEM,
               "%s is being written to by process %ld: wait for it, 'descent status %s' shows how far "
               "it is, or take another folder: 'descent run SPEC -o FOLDER'",
               r->folder, r->lock.holder, text_word(r->folder));
}

/* ---- starting over ---- */

/* Checkpoints go before the tables that they count on. */
static void forget(struct run *r)
{
    static const char *const files[] = {FOLDER_EPOCHS,   FOLDER_STEPS,   FOLDER_TIMING,
                                        "loss.png",      "accuracy.png", "schedule.png",
                                        FOLDER_VERIFIED, FOLDER_SPEC};
    unlink(run_path(r, FOLDER_MANIFEST));
    run_checkpoint_forget(r);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(run_path(r, files[i]));
}

/* ---- events ---- */

static void progress_line(struct run *r, const struct epoch_row *row)
{
    struct strbuf b;
    strbuf_init(&b);
    run_line_write(row, r->spec->train.epochs,
                   isatty(STDERR_FILENO) ? terminal_columns(STDERR_FILENO) - 1 : SIZE_MAX, &b);
    progress_clear(&r->progress);
    live_clear(&r->live);
    log_info("%s", b.text);
    strbuf_fini(&b);
}

/* A run.json that says "running" may be this old, in seconds. */
static const double manifest_age = 3;

static bool tell_progress(struct run *r, bool has_news, struct error *err)
{
    bool due = r->last_manifest == 0 || clock_monotonic() - r->last_manifest >= manifest_age;
    return !(has_news || due) || run_manifest_write(r, STATUS_RUNNING, 0, NULL, err);
}

static bool on_epoch(void *context, const struct epoch_row *row, struct error *err)
{
    struct run *r = context;
    int64_t step, before = r->last.step;
    const char *event = train_event(r->train, &step);
    r->last = run_tables_rounded(row);
    progress_line(r, row);
    bool is_new = event && step > before;
    if (is_new)
        log_info("%s after update %lld", event, (long long)step);
    live_add(&r->live, row);
    live_draw(&r->live, row->last);
    /* the last one comes with the end, but the figures want to know of an event */
    if (!run_tables_epoch(r, row, err) || !run_checkpoint_epoch(r, row, err) ||
        !((row->last && !event) || tell_progress(r, is_new || row->last, err)))
        return false;
    r->paused = !row->last && row->epoch > 0 && row->epoch == r->options->until;
    return !r->paused || error_set(err, ERR_NONE, "paused");
}

static bool on_step(void *context, const struct step_row *row, struct error *err)
{
    return run_tables_step(context, row, err);
}

static enum train_wish on_wish(void *context, int64_t step, double loss)
{
    struct run *r = context;
    const struct checkpoint_config *c = &r->spec->checkpoint;
    if (r->progress.shown) {
        char label[RUN_LINE_LOSS];
        run_line_loss(label, loss);
        progress_draw(&r->progress, step, train_total_steps(r->train), label);
    }
    if (r->options->progress)
        r->options->progress(r->options->context, step, train_total_steps(r->train));
    r->every_steps_due = c->every_steps != PARAM_NULL_INT && step % c->every_steps == 0;
    int signal = r->options->signal ? *r->options->signal : 0, answered = SIGUSR2;
    if (signal == SIGUSR2) /* in one go, for the next signal may come right now */
        __atomic_compare_exchange_n(r->options->signal, &answered, 0, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
    if ((signal != 0 && signal != SIGUSR2) || answered != SIGUSR2)
        return TRAIN_STOP;
    r->paused = r->options->until_step > 0 && step == r->options->until_step;
    if (r->paused)
        return TRAIN_STOP;
    bool time_due =
        !isnan(c->every_seconds) && clock_monotonic() - r->last_checkpoint >= c->every_seconds;
    return signal != 0 || r->every_steps_due || time_due ? TRAIN_CHECKPOINT : TRAIN_GO_ON;
}

static bool on_checkpoint(void *context, struct error *err)
{
    struct run *r = context;
    return run_checkpoint_now(r, r->every_steps_due, err);
}

static bool on_cut(void *context, struct error *err)
{
    return run_checkpoint_cut(context, err);
}

/* ---- the whole ---- */

/* The spec that the folder was trained with; ret_found false where there is none that this version
 * understands. */
static bool read_old_spec(struct run *r, struct spec *ret, bool *ret_found, struct error *err)
{
    const char *path = run_path(r, FOLDER_SPEC), *text;
    struct diags d;
    *ret_found = false;
    if (!folder_has(r->folder, FOLDER_SPEC))
        return true;
    if (!folder_spec_text(&r->arena, r->folder, &text, err))
        return false;
    diags_init(&d, &r->arena);
    *ret_found = spec_parse(&r->arena, &(struct spec_text){.name = path, .text = text}, &d, ret);
    return true;
}

/* One line for each thing that makes this another run, bit for bit, than one that did it all at
 * once. */
static void warn_of_changes(struct run *r)
{
    char name[64];
    const char *matmul = folder_manifest_text(&r->arena, r->folder, "matmul", NULL, NULL);
    const char *blas = folder_manifest_text(&r->arena, r->folder, "build", "blas", "name");
    const char *kernel = folder_manifest_text(&r->arena, r->folder, "build", "blas", "kernel");
    const bool by_blas = train_is_by_blas(r->train);
    blas_name(name, sizeof name);
    if (by_blas && r->has_old && r->old.threads != r->spec->threads)
        log_warn(
            "trained so far with %lld thread%s, resumes with %lld: results may differ in the last bits",
            (long long)r->old.threads, r->old.threads == 1 ? "" : "s", (long long)r->spec->threads);
    if (by_blas && r->has_old && r->old.evaluate.batch_size != r->spec->evaluate.batch_size)
        log_warn(
            "evaluated so far %lld images at once, from now on %lld: losses may differ in the last bits",
            (long long)r->old.evaluate.batch_size, (long long)r->spec->evaluate.batch_size);
    if (by_blas && blas && strcmp(blas, name) != 0)
        log_warn("trained so far with %s, resumes with %s: results may differ in the last bits",
                 blas, name);
    else if (by_blas && kernel && strcmp(kernel, blas_kernel()) != 0)
        log_warn(
            "trained so far with the BLAS kernel %s, resumes with %s: results may differ in the last bits",
            kernel, blas_kernel());
    if (matmul && by_blas != run_is_by_blas(matmul))
        log_warn(
            "trained so far with products by %s, resumes with %s: results may differ in the last bits",
            matmul, train_matmul(r->train));
    const struct spec *then = r->has_trained ? &r->trained : r->has_old ? &r->old : NULL;
    r->lengthened = then && run_length_changed(r, then);
    if (r->lengthened && !r->options->member)
        log_warn(
            "its schedules or its average depend on the length of the run, which has changed: so far they took the old one, "
            "which is another run than one asked for at once ('extended' in run.json)");
}

/* A run that was stopped has left one, so that it was taken away; one that was killed, or that has
 * ended, may have none. */
static bool admit_none(struct run *r, struct error *err)
{
    struct run_summary was;
    struct error unread;
    if (!run_read_summary(r->folder, &was, &unread) || was.step == 0)
        return true;
    r->refused = was.status == STATUS_INTERRUPTED;
    if (r->refused)
        return error_set(err, ERR_DATA,
                         "%s stopped after update %lld, and its checkpoints are missing; put them "
                         "back; else %s",
                         r->folder, (long long)was.step, run_elsewhere(r));
    log_warn("%s came to update %lld and has no checkpoint: it is trained again from the beginning",
             r->folder, (long long)was.step);
    return true;
}

/* Puts the run where its last checkpoint left it, or at its beginning. What is in the folder stays
 * as it is, but that a run that cannot be resumed is forgotten. */
static bool place(struct run *r, struct error *err)
{
    bool found = false;
    if (!run_checkpoint_is_there(r) && !admit_none(r, err))
        return false;
    if (!run_checkpoint_load(r, &found, err) || (found && !run_admit_position(r, err)))
        return false;
    if (!found)
        return true;
    r->refused = !run_tables_check(r, &r->from, err);
    if (r->refused)
        return false;
    train_average_resume(r->train);
    warn_of_changes(r);
    if (!run_length_check(r, err))
        return false;
    log_info("resuming after epoch %lld, update %lld", (long long)r->from.epoch,
             (long long)r->from.step);
    return true;
}

/* run.json is this process's from now on, and does not state metrics that the tables no longer
 * have. */
static bool tell_begun(struct run *r, struct error *err)
{
    for (int m = 0; m < METRICS && !r->from.path; m++)
        r->last.value[m] = (double)NAN;
    run_owner_begin(r);
    return run_manifest_write(r, STATUS_RUNNING, 0, NULL, err);
}

/* Of a run that its new length ends where it stands: the test that an end has. */
static bool test_end(struct run *r, struct error *err)
{
    bool has = r->spec->evaluate.test != EVALUATE_END || !isnan(r->last.value[METRIC_TEST_LOSS]);
    if (has)
        return true;
    if (!train_test_end(r->train, &r->last, err))
        return false;
    r->last = run_tables_rounded(&r->last);
    run_table_test_end(r, &r->last);
    return true;
}

/* From here on the folder is this run's: its spec, and of what was there just what is resumed. An
 * ended run's certificate goes before its tables change. */
static bool take_folder(struct run *r, struct error *err)
{
    struct epoch_row *rows = NULL;
    size_t n = 0;
    bool clear = r->spec->evaluate.test == EVALUATE_END && !train_is_finished(r->train);
    if (r->from.path && !run_tables_rows(r, &rows, &n, err))
        return false;
    if (n > 0)
        r->last = rows[n - 1];
    if (n > 0 && clear)
        metric_forget_tests(r->last.value);
    if (n > 0 && !clear && !test_end(r, err))
        return false;
    return run_owner_check(r, err) && folder_write_spec(r->folder, r->spec_text, err) &&
           tell_begun(r, err) && run_tables_begin(r, clear, err) &&
           run_checkpoint_restore(r, err) &&
           (!r->from.path || !r->best_changed || run_checkpoint_choose_best(r, rows, n, err));
}

static int exit_code_of_signal(int signal)
{
    return signal == SIGUSR1 ? 75 : 128 + signal;
}

/* Figures are drawn from what the run left, now or later: where that fails, the run has ended all
 * the same. diverged: after so many updates, or -1. */
static bool draw_figures(struct run *r, int64_t diverged)
{
    struct error why;
    if (!r->spec->plots || r->options->no_plots)
        return false;
    if (run_draw(r->spec, r->folder, diverged, &why))
        return true;
    log_warn("the figures are not drawn: %s; 'descent plot %s' draws them", why.message,
             text_word(r->folder));
    return false;
}

/* Of a run that its schedules do not let go further: how it ends well where it stands. A run given
 * in epochs cannot end within one. */
static void advise_to_end(const struct run *r, struct error *why)
{
    const struct error said = *why;
    const struct train_config *c = &r->spec->train;
    bool steps = c->steps != PARAM_NULL_INT, ends = steps || !train_is_within_epoch(r->train);
    long long at = steps ? train_step_now(r->train) : train_epoch_now(r->train);
    if (why->code != ERR_USAGE || r->options->member)
        return;
    error_set_key(why, said.code, said.key, "%s; another schedule takes another folder (-o)",
                  said.message);
    if (ends)
        error_set_key(why, said.code, said.key,
                      "%s; 'descent resume %s train.%s=%lld' ends the run before that update, "
                      "another schedule takes another folder (-o)",
                      said.message, text_word(r->folder), steps ? "steps" : "epochs", at);
}

/* A divergence is an end: what belongs to it comes before it is on file. */
static void conclude_failed(struct run *r, const struct error *why)
{
    struct error second;
    bool diverged = why->code == ERR_DIVERGED;
    if (diverged) {
        run_checkpoint_settle(r);
        draw_figures(r, train_step_now(r->train));
    }
    if (!run_manifest_write(r, diverged ? STATUS_DIVERGED : STATUS_FAILED, (int)why->code,
                            why->message, &second))
        log_warn("%s", second.message);
}

static bool conclude_completed(struct run *r, struct run_result *ret, struct error *err)
{
    struct error unmet = {0};
    ret->drew = draw_figures(r, -1);
    ret->exit_code = run_check_expectations(r, &unmet);
    if (!run_manifest_write(r, STATUS_COMPLETED, ret->exit_code,
                            ret->exit_code ? unmet.message : NULL, err))
        return false;
    run_checkpoint_tidy(r, &r->spec->checkpoint);
    if (ret->exit_code != 0)
        *err = unmet;
    return ret->exit_code == 0;
}

/* After training ended for whatever reason: the manifest, the figures. */
static bool conclude(struct run *r, bool trained, bool finished, struct run_result *ret,
                     struct error *err)
{
    struct error second = {0};
    progress_clear(&r->progress);
    if (!r->disowned && !r->moved && !run_tables_sync(r, &second)) { /* an end is one on disk */
        if (trained || r->disowned || r->moved)
            *err = second;
        trained = false;
    }
    ret->busy = r->disowned;
    if (r->disowned || r->moved)
        return false;
    if (!trained) {
        advise_to_end(r, err);
        conclude_failed(r, err);
        return false;
    }
    if (finished)
        return conclude_completed(r, ret, err);
    ret->exit_code = r->paused ? 0 : exit_code_of_signal(*r->options->signal);
    return run_manifest_write(r, STATUS_INTERRUPTED, ret->exit_code, NULL, err);
}

/* A product this small is over before a second thread has begun. */
static const double flops_worth_threads = 5e8;

static void advise_on_threads(const struct run *r)
{
    double flops = model_flops(train_plan(r->train)) * (double)r->spec->train.batch_size;
    if (r->spec->threads > 1 && flops < flops_worth_threads)
        log_info(
            "%lld threads hardly help a model and batch this small; more runs side by side do ('descent sweep -j %lld')",
            (long long)r->spec->threads, (long long)r->spec->threads);
}

static void note_start(struct run *r)
{
    r->started = clock_monotonic();
    r->started_wall = clock_wall();
}

static bool train_and_conclude(struct run *r, struct run_result *ret, struct error *err)
{
    struct train_events events = {.context = r,
                                  .step = on_step,
                                  .epoch = on_epoch,
                                  .wish = on_wish,
                                  .checkpoint = on_checkpoint,
                                  .cut = on_cut};
    bool finished = true, trained = true;
    note_start(r);
    if (!take_folder(r, err))
        return false;
    advise_on_threads(r);
    progress_begin(&r->progress, train_step_now(r->train));
    if (r->options->progress) /* where it resumes */
        r->options->progress(r->options->context, train_step_now(r->train),
                             train_total_steps(r->train));
    live_init(&r->live);
    r->last_checkpoint = clock_monotonic();
    bool within = train_is_within_epoch(r->train);
    r->paused = r->options->until > 0 && train_epoch_now(r->train) >= r->options->until &&
                !within && !train_is_finished(r->train);
    if (train_is_finished(r->train))
        run_tell_early_stop(r, train_epoch_now(r->train), train_step_now(r->train));
    if (r->paused)
        finished = false;
    else if (!train_is_finished(r->train))
        trained = train_run(r->train, &events, &finished, err) || r->paused;
    bool ok = conclude(r, trained, finished, ret, err);
    live_fini(&r->live);
    ret->last = r->last;
    ret->at_chance = run_is_chance(r->data, r->spec, &r->last);
    const struct epoch_row *best = train_best(r->train);
    if (best)
        ret->best = *best;
    return ok;
}

/* What needs the data: that training can begin at all. */
static bool prepare(struct run *r, struct error *err)
{
    if (r->train)
        return true;
    r->data = r->options->data;
    if (!(r->data || data_load(&r->spec->dataset, (uint64_t)r->spec->seed, &r->data, err)) ||
        !run_train_again(r, !r->options->force && run_checkpoint_is_there(r), err))
        return false;
    if (!processor_fuses() && !train_is_by_blas(r->train))
        log_info("products are made without fused multiply-adds here: the same bits, slowly; with "
                 "'model.matmul: blas' they are faster and its last bits depend on the machine");
    return true;
}

static void record_failure(struct run *r, const struct error *why)
{
    struct error err;
    note_start(r);
    if (!run_owner_check(r, &err) || !folder_write_spec(r->folder, r->spec_text, &err) ||
        !run_manifest_write(r, STATUS_FAILED, (int)why->code, why->message, &err))
        log_warn("%s", err.message);
}

/* Folders that nothing came to lie in, as when the data are not there; never another process's. */
static void leave_nothing(struct run *r)
{
    if (r->lock.fd >= 0 && !folder_has(r->folder, FOLDER_MANIFEST))
        rmdir(run_path(r, FOLDER_CHECKPOINTS));
}

/* Whether epochs.csv is what run.json counts on; true where run.json itself cannot be read. */
static bool check_epochs(struct run *r, struct error *err)
{
    struct run_counted end = {.path = run_path(r, FOLDER_MANIFEST)};
    struct error unread;
    struct json *j;
    if (!folder_manifest(r->folder, &j, &unread))
        return true;
    bool certified = js_string(js_get(js_get(j, "certificate"), FOLDER_EPOCHS)) &&
                     run_check_certificate(r->folder, j, FOLDER_EPOCHS, &unread);
    if (certified) { /* it is as its run left it: run.json is not */
        js_free(j);
        return true;
    }
    js_integer(js_get(j, "epoch"), &end.epoch);
    js_integer(js_get(j, "step"), &end.step);
    js_free(j);
    return run_table_check(r, TABLE_EPOCHS, &end, err);
}

/* Edited or damaged, or the system does not give it. Without a sound run.json its checkpoints tell
 * where it stands, but not whether it was finished. */
static bool refuse_manifest(struct run *r, struct error *err)
{
    struct error why = *err;
    return why.code != ERR_SYSTEM && check_epochs(r, err) &&
           error_set(err, ERR_DATA, "%s; else %s", why.message, run_elsewhere(r));
}

static bool in_the_way(const char *path, bool folder, struct error *err)
{
    return error_set(err, ERR_SYSTEM,
                     "%s is no %s and stands in the way of the run's own; move it away, or choose "
                     "another folder with -o",
                     path, folder ? "folder" : "plain file");
}

/* What is not there yet can be. */
static bool check_place(struct run *r, const char *name, bool folder, struct error *err)
{
    const char *path = run_path(r, name);
    struct stat st;
    if (!file_check_links(path, err))
        return false;
    if (lstat(path, &st) != 0 || (folder ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
        return true;
    return in_the_way(path, folder, err);
}

/* A hostile or mistaken folder: its checkpoints, or what rows are added to, elsewhere, or something
 * else in their place. And what killed processes left goes. */
static bool check_folders(struct run *r, struct error *err)
{
    static const char *const tables[] = {FOLDER_EPOCHS, FOLDER_STEPS, FOLDER_TIMING};
    if (!check_place(r, FOLDER_CHECKPOINTS, true, err))
        return false;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (!check_place(r, tables[i], false, err))
            return false;
    file_drop_temporaries(r->folder);
    file_drop_temporaries(run_path(r, FOLDER_CHECKPOINTS));
    return true;
}

/* Before a run is trained that would not be able to draw them. */
static bool check_figures(struct run *r, struct error *err)
{
    static const char *const files[] = {"loss.png", "accuracy.png", "schedule.png"};
    bool draws = r->spec->plots && !r->options->no_plots;
    for (size_t i = 0; draws && i < sizeof files / sizeof files[0]; i++)
        if (!check_place(r, files[i], false, err))
            return false;
    return true;
}

/* No folder, pipe or other thing in place of what is replaced whole. A link passes: it goes, or is refused
 * where it is written. */
static bool check_replaced(struct run *r, const char *name, struct error *err)
{
    const char *path = run_path(r, name);
    struct stat st;
    if (lstat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
        return true;
    return in_the_way(path, false, err);
}

/* Before anything is written or goes: all that training will replace. */
static bool check_files(struct run *r, struct error *err)
{
    struct file_names file;
    if (!check_figures(r, err) || !check_replaced(r, FOLDER_MANIFEST, err) ||
        !check_replaced(r, FOLDER_SPEC, err))
        return false;
    file_list(&r->arena, run_path(r, FOLDER_CHECKPOINTS), &file); /* none where it is not there */
    for (size_t i = 0; i < file.n; i++)
        if (text_ends(file.name[i], ".safetensors") &&
            !check_replaced(r, arena_printf(&r->arena, "%s/%s", FOLDER_CHECKPOINTS, file.name[i]),
                            err))
            return false;
    return true;
}

static bool start_or_resume(struct run *r, struct run_result *ret, struct error *err)
{
    if (!check_folders(r, err))
        return false;
    if (r->options->force) { /* what is there goes only for a run that can begin */
        if (!check_files(r, err) || !prepare(r, err))
            return false;
        forget(r);
    }
    struct run_summary checked;
    if (!run_read_summary(r->folder, &checked, err))
        return refuse_manifest(r, err);
    enum status status = checked.status;
    r->earlier_seconds = checked.seconds;
    if (status != STATUS_NONE && r->options->never_resume)
        return error_set(
            err, ERR_USAGE,
            "%s already holds a run (status %s); leave out '--resume never', or give --force or -o",
            r->folder, status_names[status]);
    if (!run_admit_spec(r, err))
        return false;
    if (!read_old_spec(r, &r->old, &r->has_old, err))
        return false;
    if (!run_admit_init(r, err))
        return false;
    r->ended = status == STATUS_COMPLETED || status == STATUS_DIVERGED;
    if (run_asks_nothing(r))
        return run_report_finished(r, &checked, ret, err);
    if (!run_admit_length(r->spec, r->folder, err))
        return run_say_length(r, err);
    bool clear = check_files(r, err);
    r->refused |= !clear && status != STATUS_NONE; /* what came to something stays that */
    bool ready = clear && prepare(r, err) && run_admit_data(r, err) && place(r, err);
    if (!ready && !r->refused && r->options->member)
        record_failure(r, err);
    return ready && train_and_conclude(r, ret, err);
}

bool run_execute(const struct spec *spec, const struct run_options *options, struct run_result *ret,
                 struct error *err)
{
    struct run r = {.spec = spec, .options = options, .folder = options->folder, .lock.fd = -1};
    struct strbuf text;
    *ret = (struct run_result){.best.epoch = -1};
    arena_init(&r.arena);
    run_tables_init(&r);
    strbuf_init(&text);
    spec_write(spec, &text);
    r.spec_text = text.text;
    bool begun = !options->force && run_checkpoint_is_there(&r);
    bool ok = run_admit_no_sweep(&r, err) &&
              (options->data || (begun ? train_check_to_load : train_check_ahead)(spec, err)) &&
              lock_folder(&r, ret, err) && run_admit_folder(&r, err) &&
              start_or_resume(&r, ret, err);
    ret->lengthened = r.lengthened;
    bool gone = !ok && err->code == ERR_SYSTEM && !run_owner_in_place(&r, err);
    if (!ok && !gone)
        leave_nothing(&r);
    lock_release(&r.lock);
    run_tables_fini(&r);
    train_free(r.train);
    if (r.data != options->data)
        data_free(r.data);
    strbuf_fini(&text);
    arena_fini(&r.arena);
    return ok;
}
