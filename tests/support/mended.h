/* A small stream whose graph is known after each batch, and states of it on a fakefs that are harmed and mended. */
#ifndef GX_TESTS_MENDED_H
#define GX_TESTS_MENDED_H

#include "graph/progress.h"
#include "stream/repair.h"
#include "stream/state_priv.h"
#include "tests/support/fakefs.h"
#include "tests/support/support.h"

enum { BATCHES = 12, BATCH = 20, OPS = BATCHES * BATCH, MARK = 7 };

extern uint64_t mended_digest[BATCHES + 1]; /* after each batch */

gx_state_options mended_options(const gx_fs *fs);

/* The operations, and mended_digest: by a state without a folder. */
void mended_make_truth(void);

/* Operations from where the state is to `to`, in calls of `each`, a checkpoint every so many batches; what is left of a batch stays open. */
gx_status mended_feed(gx_state *s, uint64_t to, uint64_t each, uint64_t every, gx_error *err);

/* A state of `to` operations, a checkpoint every `every` batches. */
fakefs *mended_make(uint64_t to, uint64_t every, bool close);

/* A number for all files and their bytes, and how many bytes there are, wherever they lie. */
typedef struct inventory {
    uint64_t sum, bytes;
} inventory;

inventory mended_stock(fakefs *f);

gx_status mended_open_read_only(fakefs *f, gx_recovery *found, gx_error *err);

/* The state is intact, of the version that the report says (NULL: whatever it is), and the stream goes on to its end. */
void mended_goes_on(fakefs *f, const gx_repair_report *report, const char *what);

typedef enum harm { FLIP, CUT, REMOVE, HARMS } harm;

void mended_do_harm(fakefs *f, const char *path, harm how, size_t at);

#endif
