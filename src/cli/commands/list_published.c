#include "cli/commands/list_published.h"
#include "cli/cli.h"
#include "cli/commands/list_title.h"
#include "cli/keys.h"
#include "folder/folder.h"
#include "study/published.h"
#include <stdio.h>
#include <string.h>

int cli_list_published(void)
{
    struct arena a;
    struct error err = {0};
    int code = 0;
    arena_init(&a);
    for (size_t i = 0; code == 0 && published_all[i].name; i++) {
        struct published_set s;
        if (!published_read(&a, arena_printf(&a, PUBLISHED_PREFIX "%s", published_all[i].name), &s,
                            &err)) {
            code = cli_fail(&err);
            break;
        }
        printf("%-20s", s.name);
        cli_print_title(s.title, 20);
    }
    arena_fini(&a);
    return code;
}

/* The keys in which its runs differ. */
static void print_varied(const struct published_set *s)
{
    struct strbuf keys;
    strbuf_init(&keys);
    for (size_t k = 0; s->runs > 0 && k < s->run[0].overrides; k++)
        strbuf_addf(&keys, "%.*s ", (int)strcspn(s->run[0].override[k], "="),
                    s->run[0].override[k]);
    printf("\nits runs differ in\n  ");
    cli_print_wrapped(keys.text, 2, 2);
    strbuf_fini(&keys);
}

static void print_all(struct arena *a, const struct published_set *s)
{
    size_t completed = 0;
    for (size_t i = 0; i < s->runs; i++)
        completed += s->run[i].run.status == STATUS_COMPLETED;
    cli_print_wrapped(arena_printf(a, PUBLISHED_PREFIX "%s: %s", s->name, s->title), 0, 2);
    printf("\nsource\n  ");
    cli_print_wrapped(s->source, 2, 2);
    cli_say("\nruns\n  %zu, %zu completed, results of version %lld\n", s->runs, completed,
            (long long)s->results);
    print_varied(s);
    printf("\ndata\n");
    for (size_t i = 0; i < DATA_FILES; i++)
        if (s->sha256[i][0])
            cli_say("  %-14s SHA-256 %.16s...\n", folder_digest_names[i], s->sha256[i]);
    printf("\nwhat trained them\n  ");
    cli_print_wrapped(s->command, 2, 6);
    printf("\nshared settings\n");
    for (const char *line = s->spec; *line;) {
        size_t n = strcspn(line, "\n");
        if (*line != '#') {
            printf("  ");
            cli_print_wrapped(arena_strndup(a, line, n), 2, 6);
        }
        line += n + (line[n] == '\n');
    }
    printf("\n");
    cli_print_wrapped(
        arena_printf(a,
                     "'descent compare FOLDER --against published:%s' puts runs beside them, "
                     "'descent verify published:%s --members 1' trains one of them again.",
                     s->name, s->name),
        0, 0);
}

int cli_list_published_one(const char *name)
{
    struct arena a;
    struct published_set s;
    struct error err = {0};
    size_t n = strlen(PUBLISHED_PREFIX);
    arena_init(&a);
    const char *word = strncmp(name, PUBLISHED_PREFIX, n) == 0
                           ? name
                           : arena_printf(&a, PUBLISHED_PREFIX "%s", name);
    bool ok = published_read(&a, word, &s, &err);
    if (ok)
        print_all(&a, &s);
    arena_fini(&a);
    return ok ? 0 : cli_fail(&err);
}
