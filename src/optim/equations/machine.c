#include "optim/equations/machine.h"
#include "num/simd.h"

eq_machine *eq_machine_now(size_t *ret_tile)
{
    static eq_machine *const machines[] = SIMD_LEVELS(eq_machine);
    static const size_t lanes[] = {4, 8, 16};
    *ret_tile = 8 * lanes[processor_now()];
    return machines[processor_now()];
}
