/* Progress, interruption and warnings of the process. */
#include "graph/progress.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_WARNINGS = 100, WARNING_BYTES = 400 };

static gx_progress_fn progress_fn;
static void *progress_ctx;
static volatile sig_atomic_t interrupted;
static char warnings[MAX_WARNINGS][WARNING_BYTES];
static uint32_t warning_count;

void gx_progress_set(gx_progress_fn fn, void *ctx)
{
    progress_fn = fn;
    progress_ctx = ctx;
}

void gx_progress(const char *phase, uint64_t done, uint64_t total)
{
    if (progress_fn != NULL)
        progress_fn(progress_ctx, phase, done, total);
}

void gx_interrupt(void)
{
    interrupted = 1;
}

void gx_interrupt_clear(void)
{
    interrupted = 0;
}

bool gx_interrupted(void)
{
    return interrupted != 0;
}

void gx_warn(const char *format, ...)
{
    char text[WARNING_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (uint32_t i = 0; i < warning_count; i++)
        if (strcmp(warnings[i], text) == 0)
            return;
    if (warning_count < MAX_WARNINGS)
        memcpy(warnings[warning_count++], text, sizeof text);
}

uint32_t gx_warnings(void)
{
    return warning_count;
}

const char *gx_warning(uint32_t i)
{
    return i < warning_count ? warnings[i] : "";
}

void gx_warnings_clear(void)
{
    warning_count = 0;
}

double gx_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
