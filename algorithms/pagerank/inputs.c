/* Reading seeds and ranks to start from. */
#include "algorithms/pagerank/inputs.h"

#include "graph/input.h"
#include "graph/number.h"

#include <math.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* The first and second word of a line; false for blanks and comments. length2 0: there is no second. */
static bool two_words(const char *line, size_t length, const char **one, size_t *length1,
    const char **two, size_t *length2)
{
    size_t i = 0;
    while (i < length && is_blank(line[i]))
        i++;
    if (i == length || line[i] == '#')
        return false;
    *one = line + i;
    while (i < length && !is_blank(line[i]))
        i++;
    *length1 = (size_t)(line + i - *one);
    while (i < length && is_blank(line[i]))
        i++;
    *two = line + i;
    while (i < length && !is_blank(line[i]))
        i++;
    *length2 = (size_t)(line + i - *two);
    return true;
}

gx_status gx_pr_seed_weight(const char *id, size_t length, const char *text, size_t text_length,
    double *weight, gx_error *err)
{
    double w = 1;
    if (text_length > 0 && (!gx_parse_f64(text, text_length, &w) || !isfinite(w) || w < 0))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "seed %.*s: weight \"%.*s\" is not a number of 0 or more",
            (int)(length < 200 ? length : 200), id, (int)(text_length < 100 ? text_length : 100),
            text);
    *weight = w;
    return GX_OK;
}

typedef struct seed_list {
    const gx_ids *ids;
    bool growing;
    double *weight;
} seed_list;

static gx_status add_seed(
    void *ctx, const char *id, size_t length, const char *text, size_t text_length, gx_error *err)
{
    seed_list *l = ctx;
    double w;
    const uint32_t v = gx_ids_find(l->ids, id, length);
    if (v == GX_NO_SLOT && !l->growing)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "seed %.*s is not a vertex of the graph",
            (int)(length < 200 ? length : 200), id);
    const gx_status st = gx_pr_seed_weight(id, length, text, text_length, &w, err);
    if (st == GX_OK && v != GX_NO_SLOT)
        l->weight[v] += w;
    return st;
}

/* ID or ID:w. A text id may hold colons: what is a vertex as a whole is one. */
static gx_status add_seed_word(seed_list *l, const char *word, size_t length, gx_error *err)
{
    size_t colon = length;
    while (colon > 0 && word[colon - 1] != ':')
        colon--;
    if (colon == 0 || gx_ids_find(l->ids, word, length) != GX_NO_SLOT)
        return add_seed(l, word, length, NULL, 0, err);
    if (colon == length)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "seed %.*s: no weight behind the colon", (int)length, word);
    return add_seed(l, word, colon - 1, word + colon, length - colon, err);
}

gx_status gx_pr_each_seed(const char *path, gx_pr_seed_fn fn, void *ctx, gx_error *err)
{
    gx_input *in = NULL;
    char *line;
    const char *one, *two;
    size_t length, length1, length2;
    gx_status st = gx_input_open(path, &in, err);
    while (st == GX_OK && (st = gx_input_line(in, 1 << 20, &line, &length, err)) == GX_OK &&
           line != NULL)
        if (two_words(line, length, &one, &length1, &two, &length2))
            st = fn(ctx, one, length1, two, length2, err);
    gx_input_close(in);
    return st;
}

gx_status gx_pr_read_seeds(const gx_ids *ids, const char *text, bool growing, double **weight,
    double *sum, uint64_t *count, gx_error *err)
{
    gx_status st = GX_OK;
    seed_list l = {
        .ids = ids, .growing = growing, .weight = gx_alloc_zero(ids->slots, sizeof(double))};
    if (l.weight == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for seeds");
    if (text[0] == '@') {
        st = gx_pr_each_seed(text + 1, add_seed, &l, err);
    } else {
        for (const char *word = text; st == GX_OK && *word != '\0';) {
            const size_t length = strcspn(word, ",");
            if (length > 0)
                st = add_seed_word(&l, word, length, err);
            word += length + (word[length] == ',');
        }
    }
    *sum = 0;
    *count = 0;
    for (uint32_t v = 0; v < ids->slots; v++) {
        *sum += l.weight[v];
        *count += l.weight[v] > 0;
    }
    if (st == GX_OK && (!(*sum > 0) || !isfinite(*sum)) && !(growing && !(*sum > 0)))
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "the weights of the seeds do not add up to a number above 0");
    if (st == GX_OK)
        *weight = l.weight;
    else
        gx_free(l.weight);
    return st;
}

gx_status gx_pr_read_start(const gx_ids *ids, const char *path, double **rank, gx_error *err)
{
    gx_input *in = NULL;
    char *line;
    const char *one, *two;
    size_t length, length1, length2;
    uint64_t gone = 0, known = 0;
    double sum = 0, value;
    double *r = gx_alloc(ids->slots, sizeof *r);
    if (r == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ranks to start from");
    for (uint32_t v = 0; v < ids->slots; v++)
        r[v] = -1;
    gx_status st = gx_input_open(path, &in, err);
    while (st == GX_OK && (st = gx_input_line(in, 1 << 20, &line, &length, err)) == GX_OK &&
           line != NULL) {
        if (!two_words(line, length, &one, &length1, &two, &length2))
            continue;
        if (length2 == 0 || !gx_parse_f64(two, length2, &value) || !isfinite(value) || value < 0) {
            st = gx_fail_at(err, GX_EDATA, path, gx_input_line_number(in),
                (uint64_t)(two - line) + 1, line, length,
                "a start is a file of ranks: an id and a number of 0 or more a line",
                "this is not a rank");
            break;
        }
        const uint32_t v = gx_ids_find(ids, one, length1);
        if (v == GX_NO_SLOT) {
            gone++;
            continue;
        }
        sum += r[v] < 0 ? value : value - r[v];
        known += r[v] < 0;
        r[v] = value;
    }
    gx_input_close(in);
    if (st == GX_OK && gone > 0)
        gx_warn("%s: %llu ranks are of vertices that are not in the graph", path,
            (unsigned long long)gone);
    const double average = sum > 0 ? sum / (double)known : 1;
    for (uint32_t v = 0; v < ids->slots; v++)
        r[v] = r[v] < 0 || !(sum > 0) ? 1 : r[v] / average;
    if (st == GX_OK)
        *rank = r;
    else
        gx_free(r);
    return st;
}
