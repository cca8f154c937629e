/* The fast door for text edge lists. The file is cut into chunks; a chunk owns the lines that start in it. Workers read a
 * chunk at a time into a window of their own that stays in their cache, and scan it there (graph/pairs/).
 *
 * pread, not mmap: the copy costs a few per cent here, but mapped pages would count as resident, and a file that shrinks
 * meanwhile would be a SIGBUS. */
#include "graph/pairs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "graph/format.h"
#include "graph/input.h"
#include "graph/pairs/scan.h"

enum {
    CHUNK = 256 << 10, /* with its scan state in half of a 1 MiB second-level cache */
    SAMPLES = 64,
    SAMPLE_BYTES = 16 << 10,
};

static size_t forced_chunk;
static gx_scan_fn forced_scan;

void gx_pairs_force(size_t chunk_bytes, gx_scan_fn scan)
{
    forced_chunk = chunk_bytes;
    forced_scan = scan;
}

typedef struct worker_state {
    gx_scan scan;
    char *window; /* [1 + chunk + GX_PLAIN_LINE + GX_TEXT_SLACK] */
} worker_state;

typedef struct job {
    int fd;
    uint64_t size, first; /* of the file; where its text starts, behind a byte-order mark */
    size_t chunk;
    gx_scan_fn scan;
    worker_state **worker; /* [workers] */
    _Atomic int failed;    /* errno of the first read that did */
    _Atomic bool stop;     /* somebody found a reason */
} job;

static bool read_at(job *j, char *to, uint64_t offset, size_t length)
{
    while (length > 0) {
        const ssize_t n = pread(j->fd, to, length, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            atomic_store(&j->failed, n < 0 ? errno : ENODATA);
            return false;
        }
        to += n;
        offset += (uint64_t)n;
        length -= (size_t)n;
    }
    return true;
}

/* Where the first line starts that starts at `at` or later; at[-1] is readable. */
static const char *next_line(const char *at, const char *end)
{
    for (at--; at < end; at++) {
        if (*at == '\n')
            return at + 1;
        if (*at == '\r')
            return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    }
    return end;
}

/* Read the lines that start in [lo, hi) of the file into the window.
 *   first, end  out; the lines: the last one ends at `end`, empty when no line starts here
 * false: reading failed, or a line ends too far behind hi (s->state says which) */
static bool load_lines(
    job *j, worker_state *w, uint64_t lo, uint64_t hi, const char **first, const char **end)
{
    const uint64_t from = lo > j->first ? lo - 1 : lo;
    const uint64_t until = j->size - hi < GX_PLAIN_LINE ? j->size : hi + GX_PLAIN_LINE;
    if (!read_at(j, w->window, from, (size_t)(until - from)))
        return false;
    const char *own = w->window + (hi - from), *all = w->window + (until - from);
    memset(w->window + (until - from), 0, GX_TEXT_SLACK);
    *first = lo > from ? next_line(w->window + 1, all) : w->window;
    *end = own;
    if (*first >= own) {
        *first = own;
        return true;
    }
    *end = hi == j->size ? all : next_line(own, all);
    if (*end == all && until < j->size) {
        w->scan.state = GX_SCAN_UNSUITED;
        return false;
    }
    return true;
}

static void scan_chunk(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    job *j = ctx;
    worker_state *w = j->worker[worker];
    for (uint64_t c = lo; c < hi; c++) {
        if (atomic_load_explicit(&j->stop, memory_order_relaxed) || gx_interrupted())
            return;
        const uint64_t from = j->first + c * j->chunk;
        const uint64_t to = j->size - from < j->chunk ? j->size : from + j->chunk;
        const char *first, *end;
        w->scan.chunk = c;
        if (load_lines(j, w, from, to, &first, &end)) {
            j->scan(&w->scan, first, end);
            if (w->scan.state == GX_SCAN_GOES_ON)
                gx_scan_flush(&w->scan);
        }
        if (w->scan.state != GX_SCAN_GOES_ON || atomic_load(&j->failed) != 0)
            atomic_store(&j->stop, true);
        if (worker == 0 && (c & 31) == 0)
            gx_progress("load", to, j->size);
    }
}

static void free_workers(job *j, unsigned workers)
{
    for (unsigned i = 0; j->worker != NULL && i < workers; i++) {
        if (j->worker[i] != NULL)
            gx_free(j->worker[i]->window);
        gx_free(j->worker[i]);
    }
    gx_free(j->worker);
}

static gx_status make_workers(job *j, unsigned workers, gx_error *err)
{
    j->worker = gx_alloc_zero(workers, sizeof *j->worker);
    for (unsigned i = 0; j->worker != NULL && i < workers; i++) {
        worker_state *w = j->worker[i] = gx_alloc_zero(1, sizeof *w);
        if (w == NULL)
            break;
        w->window = gx_alloc(1 + j->chunk + GX_PLAIN_LINE + GX_TEXT_SLACK, 1);
        if (w->window == NULL)
            break;
        w->scan.worker = i;
        if (i + 1 == workers)
            return GX_OK;
    }
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read the edge list");
}

/* What a look at some places of the file says about all of it. */
typedef struct sample {
    uint64_t bytes, pairs;
    uint32_t largest;
    char separator;
} sample;

/* The separator of the first line of two numbers. */
static char separator_of(const char *at, const char *end)
{
    for (; at < end; at++)
        if ((unsigned char)(*at - '0') < 10 && (at[1] == ' ' || at[1] == '\t' || at[1] == ',') &&
            (unsigned char)(at[2] - '0') < 10)
            return at[1];
    return '\0';
}

/* Uses the first worker's state, and leaves it as new. */
static bool take_sample(job *j, uint32_t limit, sample *out)
{
    worker_state *w = j->worker[0];
    const uint64_t length = j->size - j->first;
    const size_t piece = j->chunk < SAMPLE_BYTES ? j->chunk : SAMPLE_BYTES;
    const uint64_t pieces = length / piece < SAMPLES ? (length + piece - 1) / piece : SAMPLES;
    *out = (sample){.separator = '\0'};
    w->scan.limit = limit;
    for (uint64_t i = 0; i < pieces; i++) {
        const char *first, *end;
        const uint64_t last = length > piece ? length - piece : 0;
        const uint64_t from =
            j->first +
            (pieces > 1 ? last / (pieces - 1) * i + last % (pieces - 1) * i / (pieces - 1) : 0);
        const uint64_t to = j->size - from < piece ? j->size : from + piece;
        if (!load_lines(j, w, from, to, &first, &end))
            return false;
        if (out->separator == '\0')
            out->separator = separator_of(first, end);
        gx_scan_plain(&w->scan, first, end);
        if (w->scan.state == GX_SCAN_GOES_ON)
            gx_scan_flush(&w->scan);
        if (w->scan.state != GX_SCAN_GOES_ON)
            return false;
        out->bytes += (uint64_t)(end - first);
    }
    out->pairs = w->scan.edges;
    out->largest = w->scan.largest;
    w->scan.lines = w->scan.comments = w->scan.edges = w->scan.self_loops = w->scan.wider = 0;
    w->scan.largest = 0;
    return out->pairs > 0;
}

/* The largest of k samples is short of the largest of all by one part in k, on average. */
static uint32_t likely_ids(const sample *s, uint32_t limit)
{
    const uint64_t more = (uint64_t)s->largest + 1 + s->largest / (2 * s->pairs);
    return more < limit ? (uint32_t)more : limit;
}

static uint64_t likely_edges(const sample *s, uint64_t length)
{
    return s->bytes > 0 ? (uint64_t)((double)length * ((double)s->pairs / (double)s->bytes)) + 1
                        : 1;
}

static void add_facts(const job *j, unsigned workers, gx_input_facts *facts)
{
    uint64_t wider = 0;
    *facts = (gx_input_facts){.format = "edgelist", .bytes = j->size};
    for (unsigned i = 0; i < workers; i++) {
        const gx_scan *s = &j->worker[i]->scan;
        facts->lines += s->lines;
        facts->comments += s->comments;
        facts->edges += s->edges;
        facts->self_loops += s->self_loops;
        wider += s->wider;
    }
    if (wider > 0)
        gx_warn(GX_WIDER_WARNING);
}

static gx_scan_state worst(const job *j, unsigned workers)
{
    gx_scan_state state = GX_SCAN_GOES_ON;
    for (unsigned i = 0; i < workers; i++)
        state = j->worker[i]->scan.state > state ? j->worker[i]->scan.state : state;
    return state;
}

static uint32_t limit_of(uint64_t bytes)
{
    const uint64_t ids = bytes / 8 > 1024 ? bytes / 8 : 1024;
    return ids < UINT32_MAX ? (uint32_t)ids : UINT32_MAX;
}

static gx_status outcome(const job *j, unsigned workers, bool *suits, gx_error *err)
{
    const int failed = atomic_load(&j->failed);
    const gx_scan_state state = worst(j, workers);
    if (gx_interrupted())
        return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
    if (failed != 0)
        return gx_fail(err, GX_EIO, GX_NOWHERE, "%s",
            failed == ENODATA ? "became shorter while it was read" : strerror(failed));
    if (state == GX_SCAN_NO_MEMORY)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the edges");
    *suits = state == GX_SCAN_GOES_ON;
    return GX_OK;
}

gx_status gx_pairs_scan_file(int fd, uint64_t size, uint64_t first, const gx_pair_sink *sink,
    gx_input_facts *facts, bool *suited, gx_error *err)
{
    const unsigned workers = gx_threads();
    const uint32_t limit = limit_of(size);
    job j = {
        .fd = fd, .size = size, .first = first, .chunk = forced_chunk > 0 ? forced_chunk : CHUNK};
    sample looks;
    bool suits = false;
    gx_status st = GX_OK;
    *suited = false;
    if (size <= first)
        return GX_OK;
    j.scan = forced_scan != NULL ? forced_scan : gx_scan_best();
    if ((st = make_workers(&j, workers, err)) != GX_OK)
        goto done;
    if (!take_sample(&j, limit, &looks)) {
        j.worker[0]->scan.state = GX_SCAN_UNSUITED; /* unless reading failed */
        st = outcome(&j, workers, &suits, err);
        goto done;
    }
    for (unsigned i = 0; i < workers; i++) {
        gx_scan *s = &j.worker[i]->scan;
        s->sink = sink;
        s->limit = limit;
        s->separator = looks.separator;
    }
    st = sink->begin(sink->ctx, limit, likely_ids(&looks, limit),
        likely_edges(&looks, size - first), workers, err);
    if (st != GX_OK)
        goto done;
    gx_blocks((size - first + j.chunk - 1) / j.chunk, 1, scan_chunk, &j);
    if ((st = outcome(&j, workers, &suits, err)) == GX_OK && suits) {
        add_facts(&j, workers, facts);
        *suited = true;
    }
done:
    free_workers(&j, workers);
    return st;
}

/* Options under which every line of two numbers is an edge, and nothing but an edge. */
static bool options_suit(const gx_read_options *o)
{
    const bool two = o->columns == NULL || strcmp(o->columns, "src,dst") == 0;
    return two && o->ids != GX_IDS_STRING && o->loops == GX_LOOPS_KEEP &&
           o->multi == GX_MULTI_KEEP && !o->drop_isolated && !o->skip_bad && o->vertices == NULL;
}

gx_status gx_pairs_read(const char *path, const gx_read_options *options, const gx_pair_sink *sink,
    gx_input_facts *facts, bool *suited, gx_error *err)
{
    gx_input *in = NULL;
    const gx_format *format;
    gx_status st;
    int fd;
    uint64_t size;
    size_t length;
    *suited = false;
    if (!options_suit(options) || strcmp(path, "-") == 0) /* what is looked at of stdin is gone */
        return GX_OK;
    if ((st = gx_input_open(path, &in, err)) != GX_OK)
        return st;
    if (!gx_input_plain(in, &fd, &size) ||
        (st = gx_format_of_input(in, options->format, &format, err)) != GX_OK ||
        strcmp(format->name, "edgelist") != 0)
        goto done;
    const unsigned char *head = gx_input_peek(in, &length);
    const bool mark = length >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0;
    st = gx_pairs_scan_file(fd, size, mark ? 3 : 0, sink, facts, suited, err);
    if (st != GX_OK && err != NULL && err->path[0] == '\0')
        snprintf(err->path, sizeof err->path, "%s", path);
done:
    gx_input_close(in);
    return st;
}
