#include "cli/damage.h"
#include "util/log.h"

int cli_tell_damage(const struct collection *c)
{
    size_t all = c->runs + c->damaged + c->copies;
    for (size_t i = 0; i < c->damaged; i++)
        log_warn("left out: %s", c->damage[i].why);
    if (c->damaged > 1)
        log_warn("%zu of %zu runs cannot be read; the others are shown", c->damaged, all);
    return c->damaged > 0 ? ERR_DATA : 0;
}
