/* Maps of operations: a list of steps, read once. */
#include "stream/map.h"

#include "graph/memory.h"
#include "graph/number.h"

#include <math.h>
#include <string.h>

enum { STEPS = 32 };

typedef struct gx_step_of_map step;

/* A weight that comes of one; `by` is the step's number. */
typedef double (*weight_fn)(double weight, double by);

struct gx_step_of_map {
    enum { SWAP, WEIGHT, WEIGHT_TIME, TIME } what;
    weight_fn fn;
    bool given; /* the weight before it does not count */
    double by;
    int64_t shift; /* nanoseconds */
};

struct gx_map {
    int64_t unit;
    unsigned steps;
    step step[STEPS];
};

static double set(double weight, double by)
{
    (void)weight;
    return by;
}
static double add(double weight, double by)
{
    return weight + by;
}
static double subtract(double weight, double by)
{
    return weight - by;
}
static double multiply(double weight, double by)
{
    return weight * by;
}
static double divide(double weight, double by)
{
    return weight / by;
}
static double power(double weight, double by)
{
    return pow(weight, by);
}
static double of_abs(double weight, double by)
{
    (void)by;
    return fabs(weight);
}
static double of_exp(double weight, double by)
{
    (void)by;
    return exp(weight);
}
static double of_log(double weight, double by)
{
    (void)by;
    return log(weight);
}
static double of_log1p(double weight, double by)
{
    (void)by;
    return log1p(weight);
}
static double of_sqrt(double weight, double by)
{
    (void)by;
    return sqrt(weight);
}

static const struct {
    char sign;
    weight_fn fn;
} signs[] = {{'=', set}, {'+', add}, {'-', subtract}, {'*', multiply}, {'/', divide}, {'^', power}};

static const struct {
    const char *word;
    weight_fn fn;
} functions[] = {{"abs(weight)", of_abs}, {"exp(weight)", of_exp}, {"log(weight)", of_log},
    {"log1p(weight)", of_log1p}, {"sqrt(weight)", of_sqrt}};

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool take_function(step *s, const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (is_word(text, length, functions[i].word)) {
            *s = (step){.what = WEIGHT, .fn = functions[i].fn};
            return true;
        }
    return false;
}

/* Behind "weight": a sign and a number. */
static bool take_weight(step *s, const char *text, size_t length)
{
    if (is_word(text, length, "=time")) {
        *s = (step){.what = WEIGHT_TIME, .given = true};
        return true;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs && length > 1; i++)
        if (signs[i].sign == text[0]) {
            *s = (step){.what = WEIGHT, .fn = signs[i].fn, .given = signs[i].fn == set};
            return gx_parse_f64(text + 1, length - 1, &s->by) && isfinite(s->by);
        }
    return false;
}

/* Behind "time": + or -, and a number of units. */
static bool take_time(step *s, const char *text, size_t length, int64_t unit)
{
    uint64_t units;
    int64_t shift;
    if (length < 2 || strchr("+-", text[0]) == NULL ||
        !gx_parse_u64(text + 1, length - 1, &units) || units > INT64_MAX ||
        __builtin_mul_overflow((int64_t)units, unit, &shift))
        return false;
    *s = (step){.what = TIME, .shift = text[0] == '+' ? shift : -shift};
    return true;
}

static bool take_step(step *s, const char *text, size_t length, int64_t unit)
{
    if (is_word(text, length, "swap")) {
        *s = (step){.what = SWAP};
        return true;
    }
    if (take_function(s, text, length))
        return true;
    if (length > 6 && memcmp(text, "weight", 6) == 0)
        return take_weight(s, text + 6, length - 6);
    return length > 4 && memcmp(text, "time", 4) == 0 && take_time(s, text + 4, length - 4, unit);
}

gx_status gx_map_new(const char *text, int64_t time_unit, gx_map **out, gx_error *err)
{
    gx_map *m = gx_alloc_zero(1, sizeof *m);
    gx_status st = GX_OK;
    if (m == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a map");
    m->unit = time_unit;
    for (const char *word = text; st == GX_OK; word++) {
        const size_t length = strcspn(word, ",");
        if (m->steps == STEPS) {
            st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--map: at most %d steps", STEPS);
        } else if (!take_step(&m->step[m->steps], word, length, time_unit)) {
            gx_fail(err, GX_EUSAGE, (uint64_t)(word - text), "--map: \"%.*s\" is no step",
                (int)(length < 100 ? length : 100), word);
            st = gx_hint(err, "swap, weight*2 (= + - * / ^), weight=time, log1p(weight) (abs exp "
                              "log sqrt), time+3600");
        }
        m->steps++;
        word += length;
        if (*word == '\0')
            break;
    }
    if (st == GX_OK)
        *out = m;
    else
        gx_map_free(m);
    return st;
}

void gx_map_free(gx_map *m)
{
    gx_free(m);
}

bool gx_map_gives_weight(const gx_map *m)
{
    for (unsigned i = 0; i < m->steps; i++)
        if (m->step[i].given)
            return true;
    return false;
}

bool gx_map_wants_weight(const gx_map *m)
{
    for (unsigned i = 0; i < m->steps; i++)
        if (m->step[i].what == WEIGHT || m->step[i].what == WEIGHT_TIME)
            return !m->step[i].given;
    return false;
}

const char *gx_map_apply(const gx_map *m, bool negative_weights, gx_stream_op *op)
{
    gx_stream_op now = *op;
    const bool has_weight = op->kind != GX_OP_REMOVE;
    for (unsigned i = 0; i < m->steps; i++) {
        const step *s = &m->step[i];
        if (s->what == SWAP) {
            const uint64_t src = now.src;
            now.src = now.dst;
            now.dst = src;
        } else if (s->what == WEIGHT && has_weight) {
            now.weight = s->fn(now.weight, s->by);
        } else if (s->what == WEIGHT_TIME && has_weight) {
            if (now.time == GX_NO_TIME)
                return "it has no time that could be its weight";
            now.weight = (double)now.time / (double)m->unit;
        } else if (s->what == TIME && now.time != GX_NO_TIME &&
                   (__builtin_add_overflow(now.time, s->shift, &now.time) ||
                       now.time == GX_NO_TIME)) {
            return "its time is beyond all times";
        }
    }
    if (!isfinite(now.weight))
        return "its weight is no number";
    if (now.weight < 0 && !negative_weights)
        return "its weight is below 0";
    *op = now;
    return NULL;
}
