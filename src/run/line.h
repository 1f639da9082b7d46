/* The line that a run prints of an epoch. */
#ifndef DESCENT_RUN_LINE_H
#define DESCENT_RUN_LINE_H

#include "train/train.h"
#include "util/strbuf.h"
#include <stddef.h>

enum { RUN_LINE_LOSS = 32 };
/* "loss 0.1234", and "loss 8.424e+10" where four decimals would be digits without end. */
void run_line_loss(char ret[RUN_LINE_LOSS], double loss);
/* "epoch 3/10  loss ...  train ...": within so many columns where its parts allow it. The time, the training accuracy
 * and the loss go first; what stays is in epochs.csv. epochs: PARAM_NULL_INT where steps count. */
void run_line_write(const struct epoch_row *row, int64_t epochs, size_t columns,
                    struct strbuf *out);

#endif
