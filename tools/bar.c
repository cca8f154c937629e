/* Progress on stderr, where that is a terminal: a line that is painted anew five times a second by
 * a thread of its own, so that it moves (and shows the time) even while a phase says nothing. The
 * job only stores three numbers. */
#include "tools/tools.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAINT_MS = 200, FIRST_MS = 400, CELLS = 24 };

static pthread_t painter;
static bool running;
static atomic_bool stopping;
static _Atomic(const char *) phase; /* static text of the caller, or of the names below */
static atomic_uint_fast64_t done, total;

static void on_progress(void *ctx, const char *now, uint64_t d, uint64_t t)
{
    (void)ctx;
    atomic_store_explicit(&phase, now, memory_order_relaxed);
    atomic_store_explicit(&done, d, memory_order_relaxed);
    atomic_store_explicit(&total, t, memory_order_relaxed);
}

static void paint(double ms)
{
    const char *name = atomic_load_explicit(&phase, memory_order_relaxed);
    const uint64_t d = atomic_load_explicit(&done, memory_order_relaxed);
    const uint64_t t = atomic_load_explicit(&total, memory_order_relaxed);
    char line[160], cells[CELLS + 1];
    if (t > 0) {
        const double part = d < t ? (double)d / (double)t : 1;
        const size_t full = (size_t)(part * CELLS);
        memset(cells, '.', CELLS);
        memset(cells, '#', full);
        cells[CELLS] = '\0';
        /* never 100 % while it lasts */
        snprintf(
            line, sizeof line, "%-10s [%s] %2.0f %%  %.1f s", name, cells, part * 99, ms / 1e3);
    } else {
        snprintf(line, sizeof line, "%-10s %llu  %.1f s", name, (unsigned long long)d, ms / 1e3);
    }
    fprintf(stderr, "\r%s\033[K", line);
}

static void *paint_until_stopped(void *ctx)
{
    (void)ctx;
    const double start = gx_now_ms();
    bool painted = false;
    const struct timespec nap = {.tv_nsec = 20 * 1000000};
    for (double next = start + FIRST_MS; !atomic_load(&stopping);) {
        nanosleep(&nap, NULL);
        const double now = gx_now_ms();
        if (now < next || atomic_load(&stopping))
            continue;
        paint(now - start);
        painted = true;
        next = now + PAINT_MS;
    }
    if (painted)
        fprintf(stderr, "\r\033[K");
    return NULL;
}

void gx_bar_start(void)
{
    const char *term = getenv("TERM");
    if (gx_quiet() || !isatty(STDERR_FILENO) || term == NULL || strcmp(term, "dumb") == 0)
        return;
    atomic_store(&phase, "load");
    atomic_store(&stopping, false);
    running = pthread_create(&painter, NULL, paint_until_stopped, NULL) == 0;
    if (running)
        gx_progress_set(on_progress, NULL);
}

void gx_bar_stop(void)
{
    if (!running)
        return;
    gx_progress_set(NULL, NULL);
    atomic_store(&stopping, true);
    pthread_join(painter, NULL);
    running = false;
}
