#include "util/terminal.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned terminal_columns(int fd)
{
    struct winsize size;
    const char *text = getenv("COLUMNS");
    long n = text ? strtol(text, NULL, 10) : 0;
    if (n <= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    return n > 0 && n < 10000 ? (unsigned)n : 80;
}

bool terminal_has_columns(int fd)
{
    const char *text = getenv("COLUMNS");
    return isatty(fd) || (text && strtol(text, NULL, 10) > 0);
}

size_t terminal_page(int fd)
{
    return isatty(fd) ? terminal_columns(fd) : SIZE_MAX;
}

bool terminal_colours(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

bool terminal_redraws(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

/* As POSIX says where the locale of characters is found. */
bool terminal_is_utf8(void)
{
    static const char *const name[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(name[i]);
        if (value && value[0])
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "utf-8") ||
                   strstr(value, "UTF8");
    }
    return false;
}
