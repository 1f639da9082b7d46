#include "util/fold.h"
#include "util/terminal.h"
#include "util/text.h"

void text_vprint(FILE *to, const char *fmt, va_list list)
{
    struct strbuf raw, shown, folded;
    strbuf_init(&raw);
    strbuf_init(&shown);
    strbuf_init(&folded);
    strbuf_addv(&raw, fmt, list);
    text_show(&shown, raw.text, raw.length);
    fold_lines(shown.text, terminal_page(fileno(to)), &folded);
    fputs(folded.text, to);
    strbuf_fini(&folded);
    strbuf_fini(&shown);
    strbuf_fini(&raw);
}

void text_print(FILE *to, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    text_vprint(to, fmt, list);
    va_end(list);
}
