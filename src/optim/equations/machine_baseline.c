#include "optim/equations/machine_make.h"

/* NOLINTBEGIN(readability-function-size): eight of the parameters are the register */
EQ_MACHINE(4)
/* NOLINTEND(readability-function-size) */
