/* Collecting what a run says about itself. */
#include "engine/report.h"

#include "graph/memory.h"

#include <string.h>

enum { MAX_STEPS = 10000 };

void gx_report_clear(gx_report *r)
{
    gx_free(r->step);
    *r = (gx_report){0};
}

void gx_report_step(gx_report *r, gx_step step)
{
    r->supersteps++;
    size_t capacity = r->step_capacity;
    if (r->steps >= MAX_STEPS ||
        !gx_grow((void **)&r->step, &capacity, (size_t)r->steps + 1, sizeof *r->step))
        return;
    r->step_capacity = (uint32_t)capacity;
    r->step[r->steps++] = step;
}

static void set_value(gx_report *r, gx_report_value value)
{
    const uint32_t most = sizeof r->value / sizeof r->value[0];
    uint32_t i = 0;
    while (i < r->values && strcmp(r->value[i].name, value.name) != 0)
        i++;
    if (i == most)
        return;
    r->value[i] = value;
    if (i == r->values)
        r->values++;
}

void gx_report_number(gx_report *r, const char *name, double number)
{
    set_value(r, (gx_report_value){name, number, false});
}

void gx_report_count(gx_report *r, const char *name, uint64_t number)
{
    set_value(r, (gx_report_value){name, (double)number, true});
}
