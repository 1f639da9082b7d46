/* An optimizer's update written as equations, compiled to operations on registers.
 *
 * Two kinds of value: numbers (double, one for a tensor's whole update) and tensors (float, one for
 * each weight). A number is rounded to float once, where it meets a tensor. Operations stand in the
 * order of the lines; a reduction (sum, mean, norm, dot, max, min of a tensor) makes a number of a
 * whole tensor, so that what uses it belongs to a later pass over the weights. */
#ifndef DESCENT_OPTIM_EQUATIONS_PROGRAM_H
#define DESCENT_OPTIM_EQUATIONS_PROGRAM_H

#include "expr/expr.h"
#include "num/tensor.h"
#include "optim/equations/machine.h"
#include "optim/equations/operations.h"
#include "util/mem.h"
#include <stdint.h>

/* The number registers that every program begins with; its constants and literals follow. */
enum {
    EQ_LR,
    EQ_MOMENTUM,
    EQ_WEIGHT_DECAY,
    EQ_T,
    EQ_ROWS,
    EQ_COLS,
    EQ_ROLE, /* enum tensor_role */
    EQ_PI,
    EQ_GIVEN
};
/* The tensor registers that every program begins with; its states follow, then temporaries. */
enum { EQ_W, EQ_G, EQ_STATE };

struct eq_operand {
    bool is_tensor;
    uint32_t at; /* the register */
};

struct eq_op {
    const struct eq_function *function;
    struct eq_operand in[3], out;
    uint32_t takes, pass;
};

/* Where a tensor register lies while a program runs, in slot `at` of its kind. */
enum eq_room {
    EQ_IN_VIEW,  /* w, g or a state: whole, in the optimizer's view */
    EQ_IN_WHOLE, /* a temporary that a later pass needs: whole */
    EQ_IN_BLOCK, /* one that a reduction of the same pass needs: a block */
    EQ_IN_TILE   /* any other: a tile */
};
struct eq_tensor {
    enum eq_room room;
    uint32_t at;
};

/* Instructions for a block, then reductions over their results. */
struct eq_segment {
    size_t code;                       /* the first */
    size_t writes_first, writes_end;   /* what they write but tiles */
    size_t reduce_first, reduce_count; /* of eq_program.reduce */
};

/* One way over the weights: first its numbers are computed, then its tensors, block by block. */
struct eq_pass {
    size_t first, tensors,
        end; /* operations: numbers, then from `tensors` on tensors, up to `end` */
    size_t spread_first, spread_end;
    size_t segment_first, segment_end;
};

/* Where what an update needs begins in its scratch memory, in floats; temporaries of the whole
 * tensor stand last. */
struct eq_layout {
    size_t number, lane, at, base, ready, still_operand, registers, spread, tile, rest, block,
        whole;
    size_t moving, places; /* of the machine's: that move with the block, and all */
};

struct eq_program {
    size_t ops, numbers, tensors;
    struct eq_op *op;         /* in the order of passes */
    double *number;           /* first values of the number registers */
    struct eq_tensor *tensor; /* of the tensor registers */
    size_t states, passes;
    struct eq_pass *pass;
    size_t blocks, wholes, tiles; /* slots of temporaries */
    /* Numbers that tensor operations take: each fills EQ_WIDTH floats, in slot spread_slot of its
     * register, at the beginning of a pass. */
    size_t spreads;
    uint32_t *spread, *spread_slot;
    size_t spread_slots, reductions; /* reductions: at most so many in one pass */
    size_t codes, segments, writes, reduces;
    struct eq_code *code;
    struct eq_segment *segment;
    uint32_t *write;     /* places */
    uint32_t *reduce;    /* operations */
    const bool *reads;   /* of each constant: whether a line does */
    const bool *assigns; /* of each state */
    bool reads_lr, reads_momentum, reads_decay;
    struct eq_layout layout;
};

struct eq_constant {
    const char *name;
    double value;
};
struct eq_names {
    size_t constants, states;
    const struct eq_constant *constant;
    const char *const *state;
    const char *const *no_constant, *const *no_state; /* named without a value; ended by NULL */
    const char *(*suggest)(const char *wrong, const char *const *names, size_t n);
};

/* Lines `name = expression`, # to the end of a line is a comment; in the arena. NULL and an error
 * with its place in the text (bytes) where it is not one, where w is never assigned, or where a
 * constant, lr or t is. */
struct eq_program *eq_compile(struct arena *a, const char *text, const struct eq_names *names,
                              struct expr_error *err);
/* Where the statement that begins at `from` ends: it continues over line ends within brackets. Blanks
 * out its comments. open: one of its brackets is never closed. */
size_t eq_statement_end(char *text, size_t from, bool *ret_open);
/* Why nothing may be called so (a word of the language), or NULL. */
const char *eq_taken(const char *name);
/* Decides where temporaries lie and makes the instructions; the end of eq_compile. */
void eq_plan(struct arena *a, struct eq_program *p);

/* What one tensor brings: its view, and the numbers of this update. */
struct eq_run {
    float *w;
    const float *g;
    float *const *state;
    size_t n; /* stored floats: of the tensor, or of some of its columns */
    struct tensor_shape shape;
    enum tensor_role role;
    double lr, momentum, weight_decay;
    uint64_t t;
    float *scratch; /* eq_scratch floats */
};
/* Lays out the scratch memory; after the instructions. */
void eq_lay_out(struct eq_program *p);
/* Floats of scratch memory that a tensor of `stored` floats needs. */
size_t eq_scratch(const struct eq_program *p, size_t stored);
/* One update. Bits depend on nothing but the inputs. The padding of w and of states stays zero. */
void eq_update(const struct eq_program *p, const struct eq_run *run);

#endif
