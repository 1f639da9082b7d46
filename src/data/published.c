/* Which files are those of a published data set: the digests of scripts/datasets.txt, compiled
 * in. */
#include "data/data.h"
#include <string.h>

#define KIND(set, file, sha256) {set, file, sha256},
static const struct data_published published[] = {
#include "data/published.inc"
    {0}};
#undef KIND

const struct data_published *data_find_published(const char *sha256)
{
    for (const struct data_published *p = published; p->set; p++)
        if (strcmp(p->sha256, sha256) == 0)
            return p;
    return NULL;
}

bool data_is_published(const char *set)
{
    for (const struct data_published *p = published; p->set; p++)
        if (strcmp(p->set, set) == 0)
            return true;
    return false;
}
