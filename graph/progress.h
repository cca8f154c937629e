/* What a long job owes the person who waits: where it is, and an end when asked for one. */
#ifndef GX_GRAPH_PROGRESS_H
#define GX_GRAPH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Called from the thread that runs the job, at most a few hundred times a phase.
 *   phase  "load", "partition", "build", "superstep", "write"; done of total, total 0 when it is not known */
typedef void (*gx_progress_fn)(void *ctx, const char *phase, uint64_t done, uint64_t total);
void gx_progress_set(gx_progress_fn fn, void *ctx);
void gx_progress(const char *phase, uint64_t done, uint64_t total);

/* Set by a signal handler (safe there), looked at by loops between blocks of work. */
void gx_interrupt(void);
void gx_interrupt_clear(void);
bool gx_interrupted(void);

/* Warnings for the person and the report: kept in order, each said once, 100 at most. Not from inside gx_blocks. */
void gx_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint32_t gx_warnings(void);
const char *gx_warning(uint32_t i);
void gx_warnings_clear(void);

/* Milliseconds on the monotonic clock. */
double gx_now_ms(void);

#endif
