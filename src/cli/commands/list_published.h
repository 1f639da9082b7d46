/* list of results that come with the program. */
#ifndef DESCENT_CLI_LIST_PUBLISHED_H
#define DESCENT_CLI_LIST_PUBLISHED_H

/* A line each. The exit code. */
int cli_list_published(void);
/* All about one, NAME with or without "published:". The exit code. */
int cli_list_published_one(const char *name);

#endif
