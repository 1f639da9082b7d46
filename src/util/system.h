/* What the operating system knows or does beyond POSIX. Each has a portable way, which is all there
 * is where meson's option `linux` is off; nothing here can change a result. */
#ifndef DESCENT_UTIL_SYSTEM_H
#define DESCENT_UTIL_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* The processor's name for people, else its architecture; cut to room bytes with their 0. */
void system_processor(char *ret, size_t room);

/* The path of the running program; false where the system does not tell, or room is too little. */
bool system_program(char *ret, size_t room);

/* For a child: asks to be killed when its parent ends. Elsewhere it ends when it next writes to its
 * parent's pipe. */
void system_end_with_parent(void);

/* The most memory that this process has held so far, in bytes. */
int64_t system_peak_memory(void);

/* Bytes that nobody guesses; where the system has none, from the clock and the process's number. */
void system_random(unsigned char *ret, size_t n);

/* When the file was last written. */
struct timespec system_written(const struct stat *st);

#endif
