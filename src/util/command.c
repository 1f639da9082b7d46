/* Other programs, run to their end. */
#include "util/command.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SAID = 1000 }; /* bytes of its stderr in a message */

/* All that was written to a temporary file. */
static void read_back(FILE *f, struct strbuf *out)
{
    char piece[4096];
    rewind(f);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        strbuf_add_bytes(out, piece, n);
}

/* 0 or an error number. */
static int start(const char *const *argv, const char *const *environment, int out, int err,
                 pid_t *ret)
{
    posix_spawn_file_actions_t a;
    int code = posix_spawn_file_actions_init(&a);
    if (code != 0)
        return code;
    code = posix_spawn_file_actions_addopen(&a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&a, out, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&a, err, STDERR_FILENO);
    if (code == 0)
        code = posix_spawnp(ret, argv[0], &a, NULL, (char *const *)(uintptr_t)argv,
                            (char *const *)(uintptr_t)environment);
    posix_spawn_file_actions_destroy(&a);
    return code;
}

/* file: for its stdout and its stderr. */
static bool run_with(const char *const *argv, const char *const *environment, FILE *const file[2],
                     bool *ret_started, struct strbuf *ret, struct error *err)
{
    pid_t pid;
    int status = 0, code = start(argv, environment, fileno(file[0]), fileno(file[1]), &pid);
    *ret_started = code == 0;
    if (code != 0)
        return error_set(err, ERR_SYSTEM, "cannot run '%s': %s", argv[0], strerror(code));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        read_back(file[0], ret);
        return true;
    }
    struct strbuf words;
    strbuf_init(&words);
    read_back(file[1], &words);
    while (words.length > 0 && words.text[words.length - 1] == '\n')
        words.text[--words.length] = '\0';
    const char *text = words.length > 0 ? words.text : "it does not say why";
    if (WIFSIGNALED(status))
        error_set(err, ERR_SYSTEM, "'%s' was killed by signal %d", argv[0], WTERMSIG(status));
    else
        error_set(err, ERR_SYSTEM, "'%s' ended with exit code %d: %.*s", argv[0],
                  WEXITSTATUS(status), MOST_SAID, text);
    strbuf_fini(&words);
    return false;
}

/* Files, not pipes: a program that says much on one of them never waits for the other to be
 * read. */
bool command_run(const char *const *argv, const char *const *environment, bool *ret_started,
                 struct strbuf *ret, struct error *err)
{
    FILE *const file[] = {tmpfile(), tmpfile()};
    *ret_started = false;
    bool ok = file[0] && file[1]
                  ? run_with(argv, environment, file, ret_started, ret, err)
                  : error_set(err, ERR_SYSTEM, "cannot make a temporary file: %s", strerror(errno));
    for (int i = 0; i < 2; i++)
        if (file[i])
            fclose(file[i]);
    return ok;
}
