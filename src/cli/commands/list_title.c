#include "cli/commands/list_title.h"
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void cli_print_title(const char *title, size_t column)
{
    enum { BELOW = 6, LEAST = 28 };
    if (!isatty(STDOUT_FILENO)) {
        printf(" %s\n", title);
    } else if (cli_width() < column + LEAST && column + strlen(title) >= cli_width()) {
        printf("\n%*s", BELOW, "");
        cli_print_wrapped(title, BELOW, BELOW);
    } else {
        printf(" ");
        cli_print_wrapped(title, column + 1, column + 1);
    }
}
