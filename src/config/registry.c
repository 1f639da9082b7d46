#include "config/param.h"
#include <string.h>

const char *registry_article(const struct registry *r)
{
    return strchr("aeiou", r->noun[0]) ? "an" : "a";
}

const struct kind *registry_find(const struct registry *r, const char *name)
{
    for (size_t i = 0; r->kinds[i]; i++)
        if (strcmp(r->kinds[i]->name, name) == 0)
            return r->kinds[i];
    return NULL;
}
