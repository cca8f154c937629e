/* Bytes to lines to operations. */
#include "stream/lines.h"

#include "graph/formats/edgelist/line.h"
#include "graph/pairs/scan.h"
#include "stream/ndjson.h"

#include <stdio.h>
#include <string.h>

struct gx_lines {
    gx_lines_options options;
    gx_text_spec spec;
    gx_ndjson *json; /* made when the first object comes */
    bool looked, ended;
    char *path;
    char *buffer; /* [capacity]; lines wait at [at, filled) */
    size_t capacity, most, at, filled;
    size_t feed;       /* of the next LF at or behind `at`; `filled`: there is none */
    uint64_t position; /* of buffer[at] */
    uint64_t number;   /* of the last line taken */
};

enum { FIRST = 1 << 16 };

void gx_arrival_reset(gx_arrival *a)
{
    gx_ops_reset(&a->ops);
    a->key_length = 0;
    a->mark = (gx_mark){0};
    a->bytes = 0;
    a->counts_bytes = false;
    a->finishes = false;
}

void gx_arrival_clear(gx_arrival *a)
{
    gx_ops_clear(&a->ops);
    gx_free(a->position);
    *a = (gx_arrival){.ops.ids = a->ops.ids};
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the lines of a source");
}

gx_status gx_lines_new(
    const gx_lines_options *options, const char *path, size_t most, gx_lines **out, gx_error *err)
{
    gx_lines *l = gx_alloc_zero(1, sizeof *l);
    if (l == NULL)
        return no_memory(err);
    l->options = *options;
    l->most = most;
    gx_status st = gx_text_spec_init(&l->spec, &options->read, options->csv, err);
    if (st == GX_OK) {
        l->spec.operations = true;
        l->path = gx_alloc(strlen(path) + 1, 1);
        st = l->path != NULL ? GX_OK : no_memory(err);
    }
    if (st != GX_OK) {
        gx_lines_free(l);
        return st;
    }
    strcpy(l->path, path);
    *out = l;
    return GX_OK;
}

void gx_lines_free(gx_lines *l)
{
    if (l == NULL)
        return;
    gx_text_spec_clear(&l->spec);
    gx_ndjson_free(l->json);
    gx_free(l->path);
    gx_free(l->buffer);
    gx_free(l);
}

void gx_lines_begin(gx_lines *l, uint64_t position, uint64_t number)
{
    l->position = position;
    l->number = number;
}

char *gx_lines_room(gx_lines *l, size_t *room)
{
    if (l->at > 0 && (l->at == l->filled || l->filled == l->capacity)) {
        memmove(l->buffer, l->buffer + l->at, l->filled - l->at);
        l->feed = l->feed >= l->at ? l->feed - l->at : 0;
        l->filled -= l->at;
        l->at = 0;
    }
    if (l->filled == l->capacity && l->capacity < l->most) {
        const size_t want = l->capacity == 0 ? FIRST : l->capacity * 2;
        const size_t capacity = want < l->most ? want : l->most;
        char *more = gx_realloc(l->buffer, capacity, 1);
        if (more == NULL) { /* what is there can still be taken */
            *room = 0;
            return NULL;
        }
        l->buffer = more;
        l->capacity = capacity;
    }
    *room = l->capacity - l->filled;
    return l->buffer + l->filled;
}

void gx_lines_came(gx_lines *l, size_t bytes)
{
    l->filled += bytes;
}

void gx_lines_end(gx_lines *l)
{
    l->ended = true;
}

uint64_t gx_lines_position(const gx_lines *l)
{
    return l->position;
}

size_t gx_lines_held(const gx_lines *l)
{
    return l->filled - l->at;
}

/* The line at l->at: its end, and where the next one begins. false: it is not whole yet. */
static bool next_line(gx_lines *l, size_t *end, size_t *next)
{
    if (l->feed < l->at)
        l->feed = l->at;
    if (l->feed < l->filled && l->buffer[l->feed] != '\n') { /* look on where the last look ended */
        const char *lf = memchr(l->buffer + l->feed, '\n', l->filled - l->feed);
        l->feed = lf != NULL ? (size_t)(lf - l->buffer) : l->filled;
    }
    const size_t span = l->feed - l->at;
    const char *cr = span > 0 ? memchr(l->buffer + l->at, '\r', span) : NULL;
    const bool feed = l->feed < l->filled;
    if (cr != NULL) {
        *end = (size_t)(cr - l->buffer);
        *next = *end + 1;
        if (feed && *next == l->feed)
            *next = l->feed + 1;
        else if (*next == l->filled && !l->ended)
            return false; /* it may be half of a CRLF */
        return true;
    }
    *end = l->feed;
    *next = feed ? l->feed + 1 : l->filled;
    return feed || (l->ended && span > 0);
}

static gx_status bad_line(
    gx_lines *l, const char *at, const char *end, const gx_error *why, gx_error *err)
{
    gx_aside *aside = l->options.aside;
    if (aside == NULL || !aside->skip) {
        if (err != NULL)
            *err = *why;
        return why->status;
    }
    if (++aside->bad > aside->most && aside->most > 0) {
        if (err != NULL) {
            *err = *why;
            err->hint[0] = '\0';
        }
        gx_hint(err, "there are more bad lines than --max-errors allows");
        return why->status;
    }
    return gx_aside_put(aside, at, (size_t)(end - at), err);
}

static gx_status plain_bad(gx_lines *l, const char *at, const char *end, const char *message,
    const char *hint, gx_error *err)
{
    gx_error why;
    gx_fail_at(&why, GX_EDATA, l->path, l->number, 1, at, (size_t)(end - at), hint, "%s", message);
    return bad_line(l, at, end, &why, err);
}

/* The first data line says what the columns are; *header true: it is none itself. */
static gx_status look(gx_lines *l, const char *at, const char *end, bool *header, gx_error *err)
{
    const gx_status st = gx_text_spec_look(&l->spec, at, (size_t)(end - at), header, err);
    l->looked = true;
    if (st == GX_OK)
        return st;
    const gx_error own = err != NULL ? *err : (gx_error){0};
    return gx_fail_at(
        err, st, l->path, l->number, 1, at, (size_t)(end - at), own.hint, "%s", own.message);
}

static bool put_text(gx_ops *ops, gx_field *f, uint64_t *place)
{
    size_t before = ops->bytes_size;
    if (!gx_ops_text(ops, f->at, f->length, place))
        return false;
    if (f->escaped) {
        gx_field mine = *f;
        const uint32_t length = gx_field_unescape(&mine, ops->bytes + before + sizeof length);
        memcpy(ops->bytes + before, &length, sizeof length);
        ops->bytes_size = before + sizeof length + length;
    }
    return true;
}

static gx_status add(
    gx_lines *l, gx_text_edge *edge, gx_arrival *to, uint64_t position, gx_error *err)
{
    gx_stream_op op = {.src = edge->src,
        .dst = edge->dst,
        .weight = l->options.weighted && edge->has_weight ? edge->weight : 1,
        .time = edge->has_time ? edge->time : GX_NO_TIME,
        .kind = GX_OP_ADD};
    if (edge->operation == '=')
        op.kind = GX_OP_SET;
    else if (edge->operation == '-')
        op.kind = l->options.weighted && edge->has_weight ? GX_OP_REMOVE_WEIGHT : GX_OP_REMOVE;
    to->ops.ids = l->spec.text_ids ? GX_IDS_STRING : GX_IDS_U64;
    bool fits = true;
    if (l->spec.text_ids)
        fits = put_text(&to->ops, &edge->src_text, &op.src) &&
               put_text(&to->ops, &edge->dst_text, &op.dst);
    fits = fits && gx_grow((void **)&to->position, &to->position_capacity, (size_t)to->ops.m + 1,
                       sizeof *to->position);
    if (!fits || !gx_ops_add(&to->ops, op))
        return no_memory(err);
    to->position[to->ops.m - 1] = position;
    return GX_OK;
}

gx_status gx_lines_one(gx_lines *l, const char *at, const char *end, gx_arrival *to,
    uint64_t position, bool *added, gx_error *err)
{
    gx_text_edge edge;
    gx_text_problem problem;
    gx_error why;
    bool header = false, wider = false;
    gx_status st;
    *added = false;
    if ((size_t)(end - at) > GX_TEXT_LINE)
        return plain_bad(l, at, end, "the line is longer than 1 MiB", "", err);
    const gx_text_kind kind = gx_text_kind_of(at, end);
    if (kind != GX_LINE_EDGE)
        return GX_OK;
    const char *first = at;
    while (*first == ' ' || *first == '\t')
        first++;
    if (*first == '{') {
        if (l->json == NULL &&
            (st = gx_ndjson_new(&l->options.read, l->options.weighted, &l->json, err)) != GX_OK)
            return st;
        st = gx_ndjson_line(l->json, first, end, &edge, err);
        if (st == GX_EDATA) {
            const gx_error own = err != NULL ? *err : (gx_error){0};
            return plain_bad(l, at, end, own.message, own.hint, err);
        }
        if (st != GX_OK)
            return st;
    } else {
        if (!l->looked) {
            if (memchr(at, '\0', (size_t)(end - at)) != NULL)
                return plain_bad(l, at, end, "a NUL byte: this is no text", "", err);
            if ((st = look(l, at, end, &header, err)) != GX_OK || header)
                return st;
        }
        if (gx_text_parse_line(&l->spec, at, end, &edge, NULL, &wider, &problem) == GX_LINE_BAD) {
            gx_text_fail(&l->spec, &problem, l->path, l->number, at, (size_t)(end - at), &why);
            return bad_line(l, at, end, &why, err);
        }
    }
    if (wider)
        gx_warn(GX_WIDER_WARNING);
    if (l->options.timed && !edge.has_time && edge.operation != '-')
        return plain_bad(l, at, end, "the time is missing",
            "a window needs the time of every edge: --columns src,dst,time", err);
    if (l->options.weighted && edge.has_weight && edge.operation != '-' &&
        l->options.algorithm != NULL && !gx_incremental_takes(l->options.algorithm, edge.weight)) {
        char message[120];
        snprintf(message, sizeof message, "the weight %g is neither 0 nor within %g and %g",
            edge.weight, l->options.algorithm->least_weight, l->options.algorithm->most_weight);
        return plain_bad(l, at, end, message, "", err);
    }
    *added = true;
    return add(l, &edge, to, position, err);
}

gx_status gx_lines_take(gx_lines *l, gx_arrival *to, uint64_t most, bool *all, gx_error *err)
{
    enum { TEXT = 4 << 20 };
    const uint64_t before = l->position, first = to->ops.m;
    gx_status st = GX_OK;
    bool whole = true;
    if (l->position == 0 && l->filled - l->at >= 3 &&
        memcmp(l->buffer + l->at, "\xef\xbb\xbf", 3) == 0) {
        l->at += 3;
        l->position += 3;
    }
    while (st == GX_OK && to->ops.m - first < most && to->ops.bytes_size < TEXT) {
        size_t end, next;
        bool added;
        whole = next_line(l, &end, &next);
        if (!whole)
            break;
        l->number++;
        const char *line = l->buffer + l->at;
        const uint64_t position = l->position + (next - l->at);
        st = gx_lines_one(l, line, l->buffer + end, to, position, &added, err);
        l->position = position;
        l->at = next;
    }
    if (st == GX_OK && !whole && l->filled - l->at >= l->most)
        st = gx_fail_at(err, GX_EDATA, l->path, l->number + 1, 1, l->buffer + l->at, 100, "",
            "a line is longer than %zu bytes", l->most);
    if (all != NULL)
        *all = !whole;
    to->bytes += l->position - before;
    to->counts_bytes = true;
    to->mark.position = l->position;
    return st;
}
