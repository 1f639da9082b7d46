#include "util/processor.h"

#if PROCESSOR_HAS_LEVELS
#include "optim/equations/machine_make.h"

/* NOLINTBEGIN(readability-function-size): eight of the parameters are the register */
EQ_MACHINE(16)
/* NOLINTEND(readability-function-size) */
#endif
