/* What a run says about itself, for the report (docs/report.md) and the person. */
#ifndef GX_ENGINE_REPORT_H
#define GX_ENGINE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"

typedef struct gx_step {
    const char *kind;  /* "dense", "sparse", "local", ...: static text */
    uint64_t active;   /* vertices that were to do something */
    uint64_t messages; /* arcs that carried a value */
    uint64_t traffic;  /* bytes between masters and mirrors */
    double residual;   /* of the algorithm; NaN: none */
    double duration_ms;
} gx_step;

typedef struct gx_report_value {
    const char *name; /* lowerCamelCase, static text */
    double number;
    bool integer; /* print without a point */
} gx_report_value;

typedef struct gx_report {
    uint64_t supersteps;
    bool converged;
    const char *
        stop_reason; /* "converged", "maxSupersteps", "interrupted", "resolution", "emptyFrontier": static text */
    gx_step *step; /* the first 10,000 are kept */
    uint32_t steps;
    uint32_t step_capacity;
    gx_report_value value[32]; /* of the algorithm: errorBound, rankSum, ... */
    uint32_t values;
} gx_report;

void gx_report_clear(gx_report *r);
/* Cannot fail: without memory the step is only counted. */
void gx_report_step(gx_report *r, gx_step step);
void gx_report_number(gx_report *r, const char *name, double number);
void gx_report_count(gx_report *r, const char *name, uint64_t number);

#endif
