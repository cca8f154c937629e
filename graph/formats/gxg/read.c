/* Reading .gxg: pieces of a section are read straight into its column and hashed by all workers; nothing of a section is used before its
 * checksum is right, and no memory is taken that the file's size does not vouch for. */
#include "graph/formats/gxg/gxg_priv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct reader {
    gx_input *in;
    bool plain; /* pread from fd, of `size` bytes */
    int fd;
    uint64_t size;
    uint64_t at; /* bytes taken so far */
    gx_gxg_header header;
    gx_gxg_entry *entry; /* [header.sections] */
    uint32_t next;       /* the entry to read next */
    uint32_t columns;    /* in the table */
    gx_graph *g;
} reader;

static gx_status bad(const reader *r, gx_error *err, const char *why)
{
    return gx_fail_at(
        err, GX_EDATA, gx_input_path(r->in), 0, 0, NULL, 0, "", "the gxg file is damaged: %s", why);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
}

typedef struct piece_job {
    const reader *r;
    char *to;
    uint64_t from, length; /* in the file */
    uint64_t *hash;        /* of each piece */
    int error;             /* errno; -1: the file is shorter than it was */
} piece_job;

static void read_pieces(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    piece_job *job = ctx;
    (void)worker;
    for (uint64_t p = lo; p < hi; p++) {
        const uint64_t from = p * GX_GXG_PIECE, left = job->length - from;
        const size_t size = left < GX_GXG_PIECE ? (size_t)left : GX_GXG_PIECE;
        for (size_t done = 0; done < size;) {
            const ssize_t n = pread(
                job->r->fd, job->to + from + done, size - done, (off_t)(job->from + from + done));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0) {
                __atomic_store_n(&job->error, n < 0 ? errno : -1, __ATOMIC_RELAXED);
                return;
            }
            done += (size_t)n;
        }
        job->hash[p] = gx_gxg_hash(job->to + from, size);
    }
}

/* `length` padded bytes from a file that can be read anywhere. */
static gx_status take_plain(reader *r, uint64_t length, void **out, uint64_t *sum, gx_error *err)
{
    gx_status st = GX_OK;
    const uint64_t pieces = length / GX_GXG_PIECE + (length % GX_GXG_PIECE != 0);
    if (length > r->size - r->at)
        return bad(r, err, "it is cut off");
    piece_job job = {.r = r,
        .to = gx_alloc(length, 1),
        .from = r->at,
        .length = length,
        .hash = gx_alloc(pieces, sizeof(uint64_t))};
    if (job.to == NULL || job.hash == NULL) {
        st = no_memory(err);
        goto done;
    }
    gx_blocks(pieces, 1, read_pieces, &job);
    if (job.error > 0)
        st = gx_fail_at(err, GX_EIO, gx_input_path(r->in), 0, 0, NULL, 0, "", "cannot read: %s",
            strerror(job.error));
    else if (job.error < 0)
        st = bad(r, err, "it is cut off");
    if (st != GX_OK)
        goto done;
    *sum = gx_gxg_hash(job.hash, pieces * sizeof *job.hash);
    *out = job.to;
    job.to = NULL;
done:
    gx_free(job.to);
    gx_free(job.hash);
    return st;
}

/* The same from a stream, whose length nobody knows: memory grows with the bytes that come. */
static gx_status take_stream(reader *r, uint64_t length, void **out, uint64_t *sum, gx_error *err)
{
    gx_status st = GX_OK;
    void *bytes = NULL;
    size_t capacity = 0, have = 0, got;
    do {
        const uint64_t left = length - have;
        const size_t step = have > GX_GXG_PIECE ? have : GX_GXG_PIECE,
                     want = left < step ? (size_t)left : step;
        if (!gx_grow(&bytes, &capacity, have + want, 1)) {
            st = no_memory(err);
            goto done;
        }
        if ((st = gx_input_read(r->in, (char *)bytes + have, want, &got, err)) != GX_OK)
            goto done;
        have += got;
        if (got < want) {
            st = bad(r, err, "it is cut off");
            goto done;
        }
    } while (have < length);
    if ((st = gx_gxg_checksum(bytes, length, sum, err)) != GX_OK)
        goto done;
    *out = bytes;
    bytes = NULL;
done:
    gx_free(bytes);
    return st;
}

/* The next bytes (a multiple of the alignment), with their checksum compared. */
static gx_status take(reader *r, uint64_t length, uint64_t expected, void **out, gx_error *err)
{
    uint64_t sum;
    void *bytes = NULL;
    const gx_status st = r->plain ? take_plain(r, length, &bytes, &sum, err)
                                  : take_stream(r, length, &bytes, &sum, err);
    if (st != GX_OK)
        return st;
    if (sum != expected) {
        gx_free(bytes);
        return bad(r, err, "a checksum is wrong");
    }
    r->at += length;
    *out = bytes;
    return GX_OK;
}

static gx_status read_header(reader *r, gx_error *err)
{
    static const uint8_t zero[sizeof r->header.zero];
    gx_gxg_header *h = &r->header;
    size_t got;
    r->plain = gx_input_plain(r->in, &r->fd, &r->size);
    const gx_status st = gx_input_read(r->in, h, sizeof *h, &got, err);
    if (st != GX_OK)
        return st;
    r->at = sizeof *h;
    if (got < sizeof *h || memcmp(h->magic, gx_gxg_magic, sizeof h->magic) != 0)
        return gx_fail_at(
            err, GX_EDATA, gx_input_path(r->in), 0, 0, NULL, 0, "", "it is not a gxg file");
    if (h->checksum != gx_gxg_hash(h, offsetof(gx_gxg_header, checksum)))
        return bad(r, err, "the checksum of its header is wrong");
    if (h->order != GX_GXG_ORDER)
        return bad(r, err, "its byte order is another one");
    if (h->version != GX_GXG_VERSION || h->required != 0)
        return gx_fail_at(err, GX_EDATA, gx_input_path(r->in), 0, 0, NULL, 0,
            "a newer graphx-run reads it",
            "it is a gxg file of version %u with features %#x; this program knows version %d",
            h->version, h->required, GX_GXG_VERSION);
    if ((r->plain && h->size != r->size) || h->slots == GX_NO_SLOT || h->vertices == 0 ||
        h->vertices > h->slots || h->isolated > h->vertices || h->sections > GX_GXG_MAX_SECTIONS ||
        h->cut_parts > 65536 || h->ids < GX_GXG_IDS_SLOTS || h->ids > GX_GXG_IDS_STRINGS ||
        (h->flags & ~(uint32_t)GX_GXG_DIRECTED) != 0 || memcmp(h->zero, zero, sizeof zero) != 0)
        return bad(r, err,
            r->plain && h->size != r->size ? "it is not as long as it says"
                                           : "its header is not possible");
    return GX_OK;
}

/* The table: sections in order of kind, end to end, up to the end of the file. */
static gx_status read_table(reader *r, gx_error *err)
{
    void *table = NULL;
    uint64_t end = sizeof r->header + gx_gxg_pad((uint64_t)r->header.sections * sizeof *r->entry);
    const gx_status st = take(r, end - sizeof r->header, r->header.table_checksum, &table, err);
    if (st != GX_OK)
        return st;
    r->entry = table;
    for (uint32_t i = 0; i < r->header.sections; i++) {
        const gx_gxg_entry *e = &r->entry[i];
        const bool column = e->kind == GX_GXG_VERTEX_VALUES || e->kind == GX_GXG_EDGE_VALUES;
        if (e->offset != end || e->length > UINT64_MAX / 2 ||
            __builtin_add_overflow(end, gx_gxg_pad(e->length), &end) || (!column && e->type != 0))
            return bad(r, err, "its table of sections is not possible");
        r->columns += column;
    }
    return end == r->header.size ? GX_OK : bad(r, err, "its sections do not fill it");
}

/* Is the next section of this kind? */
static bool is_next(const reader *r, gx_gxg_kind kind)
{
    return r->next < r->header.sections && r->entry[r->next].kind == (uint32_t)kind;
}

/* The next section, which must be of this kind and have count * size bytes. */
static gx_status section(
    reader *r, gx_gxg_kind kind, uint64_t count, size_t size, void *out, gx_error *err)
{
    uint64_t bytes;
    void *data = NULL;
    if (!is_next(r, kind) || __builtin_mul_overflow(count, size, &bytes) ||
        r->entry[r->next].length != bytes)
        return bad(r, err, "a section is missing or has a wrong length");
    const gx_status st = take(r, gx_gxg_pad(bytes), r->entry[r->next].checksum, &data, err);
    if (st != GX_OK)
        return st;
    r->next++;
    memcpy(out, &data, sizeof data);
    return GX_OK;
}

static gx_status read_texts(
    reader *r, gx_gxg_kind kind, const uint64_t offset[], uint64_t n, char **bytes, gx_error *err)
{
    const uint64_t length = is_next(r, kind) ? r->entry[r->next].length : 0;
    const gx_status st = gx_gxg_check_offsets(offset, n, length, err);
    return st == GX_OK ? section(r, kind, length, 1, bytes, err) : st;
}

static gx_status read_ids(reader *r, gx_error *err)
{
    gx_status st;
    gx_ids *ids = &r->g->ids;
    const uint64_t n = r->header.slots;
    ids->slots = r->header.slots;
    ids->vertices = r->header.vertices;
    ids->kind = r->header.ids == GX_GXG_IDS_STRINGS ? GX_IDS_STRING : GX_IDS_U64;
    if (r->header.ids == GX_GXG_IDS_SLOTS)
        st = section(r, GX_GXG_PRESENT, n / 64 + (n % 64 != 0), 8, &ids->present, err);
    else if (r->header.ids == GX_GXG_IDS_NUMBERS)
        st = section(r, GX_GXG_NUMBER, n, 8, &ids->number, err);
    else if ((st = section(r, GX_GXG_ID_OFFSET, n + 1, 8, &ids->offset, err)) == GX_OK)
        st = read_texts(r, GX_GXG_ID_BYTES, ids->offset, n, &ids->bytes, err);
    if (st != GX_OK || (st = gx_gxg_check_ids(ids, err)) != GX_OK)
        return st;
    if (ids->vertices == ids->slots) {
        gx_free(ids->present);
        ids->present = NULL;
    }
    return GX_OK;
}

static gx_status read_edges(reader *r, gx_error *err)
{
    gx_status st;
    gx_edges *e = &r->g->edges;
    const uint64_t m = r->header.edges;
    if ((st = section(r, GX_GXG_SRC, m, sizeof *e->src, &e->src, err)) != GX_OK ||
        (st = section(r, GX_GXG_DST, m, sizeof *e->dst, &e->dst, err)) != GX_OK ||
        (is_next(r, GX_GXG_WEIGHT) &&
            (st = section(r, GX_GXG_WEIGHT, m, sizeof *e->weight, &e->weight, err)) != GX_OK) ||
        (is_next(r, GX_GXG_TIME) &&
            (st = section(r, GX_GXG_TIME, m, sizeof *e->time, &e->time, err)) != GX_OK))
        return st;
    e->m = m;
    r->g->cut_k = r->header.cut_parts;
    if (r->g->cut_k > 0 && (st = section(r, GX_GXG_CUT, m, sizeof *r->g->cut_part_of,
                                &r->g->cut_part_of, err)) != GX_OK)
        return st;
    return gx_gxg_check_edges(r->g, err);
}

/* The name of the next column, taken from names[*at .. length). */
static gx_status next_name(
    const reader *r, const char *names, uint64_t length, uint64_t *at, char **name, gx_error *err)
{
    uint32_t size;
    if (length - *at < sizeof size)
        return bad(r, err, "the names of its columns are not possible");
    memcpy(&size, names + *at, sizeof size);
    *at += sizeof size;
    if (length - *at < size || memchr(names + *at, '\0', size) != NULL)
        return bad(r, err, "the names of its columns are not possible");
    if ((*name = gx_alloc((size_t)size + 1, 1)) == NULL)
        return no_memory(err);
    memcpy(*name, names + *at, size);
    (*name)[size] = '\0';
    *at += size;
    return GX_OK;
}

static gx_status read_column(reader *r, gx_gxg_kind kind, uint64_t n, gx_column *c, gx_error *err)
{
    gx_status st;
    if (!gx_gxg_column_type(r->entry[r->next].type, &c->type))
        return bad(r, err, "a column has no type");
    c->n = n;
    const bool text = c->type == GX_COLUMN_STRING;
    if ((st = section(r, kind, n + text, gx_column_width(c->type), &c->data, err)) != GX_OK)
        return st;
    if (text &&
        (st = read_texts(r, kind == GX_GXG_VERTEX_VALUES ? GX_GXG_VERTEX_BYTES : GX_GXG_EDGE_BYTES,
             c->offset, n, &c->bytes, err)) != GX_OK)
        return st;
    return gx_gxg_check_column(r->g, c, err);
}

/* All columns of a kind; what was read of one that fails is the graph's, to be freed with it. */
static gx_status read_columns_of(reader *r, gx_gxg_kind kind, gx_columns *to, const char *names,
    uint64_t length, uint64_t *at, gx_error *err)
{
    const uint64_t n = kind == GX_GXG_VERTEX_VALUES ? r->header.slots : r->header.edges;
    gx_status st = GX_OK;
    if (is_next(r, kind) && (to->column = gx_alloc_zero(r->columns, sizeof *to->column)) == NULL)
        return no_memory(err);
    while (st == GX_OK && is_next(r, kind)) {
        gx_column *c = &to->column[to->count++];
        if ((st = next_name(r, names, length, at, &c->name, err)) == GX_OK)
            st = read_column(r, kind, n, c, err);
    }
    return st;
}

static gx_status read_columns(reader *r, gx_error *err)
{
    gx_status st;
    char *names = NULL;
    uint64_t at = 0;
    if (!is_next(r, GX_GXG_NAMES))
        return GX_OK;
    const uint64_t length = r->entry[r->next].length;
    if ((st = section(r, GX_GXG_NAMES, length, 1, &names, err)) != GX_OK ||
        (st = read_columns_of(r, GX_GXG_VERTEX_VALUES, &r->g->vertex, names, length, &at, err)) !=
            GX_OK ||
        (st = read_columns_of(r, GX_GXG_EDGE_VALUES, &r->g->edge, names, length, &at, err)) !=
            GX_OK)
        goto done;
    if (at != length)
        st = bad(r, err, "there are more names than columns");
done:
    gx_free(names);
    return st;
}

static gx_status read_end(reader *r, gx_error *err)
{
    char byte;
    size_t got = 0;
    if (r->next != r->header.sections)
        return bad(r, err, "it has a section that does not belong there");
    if (r->plain)
        return GX_OK;
    const gx_status st = gx_input_read(r->in, &byte, 1, &got, err);
    if (st != GX_OK)
        return st;
    return got == 0 && r->at == r->header.size ? GX_OK
                                               : bad(r, err, "it is not as long as it says");
}

gx_status gx_gxg_read(gx_input *in, gx_graph **out, gx_error *err)
{
    gx_status st;
    reader r = {.in = in, .g = gx_alloc_zero(1, sizeof *r.g)};
    if (r.g == NULL)
        return no_memory(err);
    if ((st = read_header(&r, err)) != GX_OK || (st = read_table(&r, err)) != GX_OK ||
        (st = read_ids(&r, err)) != GX_OK || (st = read_edges(&r, err)) != GX_OK ||
        (st = read_columns(&r, err)) != GX_OK || (st = read_end(&r, err)) != GX_OK)
        goto done;
    r.g->directed = (r.header.flags & GX_GXG_DIRECTED) != 0;
    r.g->isolated = r.header.isolated;
    r.g->input.edges = r.header.edges;
    r.g->input.bytes = r.at;
    *out = r.g;
    r.g = NULL;
done:
    gx_free(r.entry);
    gx_graph_free(r.g);
    return st;
}
