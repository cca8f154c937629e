/* The parent's side of igraph: unpack the input, scan it for what must not reach a parser, start
 * the child under limits, check every byte of its answer, hand the graph to the builder. The child
 * is forked, not executed, so that a library has it too. It may be forked after OpenMP ran: it uses
 * no thread, and glibc makes malloc usable in it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph/fields.h"
#include "graph/formats/igraph/igraph_priv.h"
#include "graph/formats/igraph/reply.h"

enum { CHUNK = 1 << 16 };

/* Memory of the child: this much, and this many bytes for a byte of the file; igraph needs 15
 * to 40. */
static const uint64_t child_base = UINT64_C(256) << 20, child_ratio = 64;

static gx_status system_error(const gx_input *in, const char *what, gx_error *err)
{
    const gx_status st = errno == ENOMEM || errno == EAGAIN ? GX_ENOMEM : GX_EIO;
    return gx_fail_at(
        err, st, gx_input_path(in), 0, 0, NULL, 0, "", "%s: %s", what, strerror(errno));
}

/* What GraphML may not have: document types and entities (bombs, files of others), and encodings
 * that would hide them. */
typedef struct scan {
    gx_foreign kind;
    uint64_t line;
    char tail[16]; /* the end of the chunk before */
    size_t kept;
} scan;

static gx_status refuse(
    const gx_input *in, uint64_t line, const char *why, const char *hint, gx_error *err)
{
    return gx_fail_at(err, GX_EDATA, gx_input_path(in), line, 0, NULL, 0, hint, "%s", why);
}

static uint64_t lines_in(const char *text, size_t length)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

/* chunk has room for a tail in front. */
static gx_status scan_chunk(scan *s, const gx_input *in, char *chunk, size_t length, gx_error *err)
{
    static const char *const words[] = {"<!DOCTYPE", "<!ENTITY"};
    const char *nul = memchr(chunk, '\0', length);
    if (nul != NULL)
        return refuse(in, s->line + lines_in(chunk, (size_t)(nul - chunk)),
            "the file has a NUL byte", "it may be UTF-16, or no text at all", err);
    if (s->kind == GX_FOREIGN_GRAPHML) {
        char *window = chunk - s->kept;
        memcpy(window, s->tail, s->kept);
        const size_t all = s->kept + length;
        for (int i = 0; i < 2; i++) {
            const char *at = memmem(window, all, words[i], strlen(words[i]));
            if (at != NULL)
                return refuse(in, s->line + lines_in(window, (size_t)(at - window)),
                    "document types and entities are not read in GraphML",
                    "remove the <!DOCTYPE ...>", err);
        }
        const size_t keep =
            all < 8 ? all : 8; /* shorter than a word, so that none is found twice */
        s->line += lines_in(window, all - keep);
        s->kept = keep;
        memcpy(s->tail, window + all - keep, keep);
    } else {
        s->line += lines_in(chunk, length);
    }
    return GX_OK;
}

/* The encoding that the first line declares has ASCII as ASCII, or the scan would be blind. */
static gx_status check_encoding(const gx_input *in, gx_error *err)
{
    static const char *const known[] = {
        "utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"};
    size_t length = 0;
    const char *head = (const char *)gx_input_peek(in, &length);
    if (length >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        head += 3, length -= 3;
    while (length > 0 && strchr(" \t\r\n", head[0]) != NULL && head[0] != '\0')
        head++, length--;
    if (length == 0 || head[0] != '<')
        return refuse(in, 1, "a GraphML file begins with <", "", err);
    if (length < 5 || memcmp(head, "<?xml", 5) != 0)
        return GX_OK;
    const char *end = memmem(head, length, "?>", 2);
    if (end == NULL)
        return refuse(in, 1, "the XML declaration does not end", "", err);
    const char *at = memmem(head, (size_t)(end - head), "encoding", 8);
    if (at == NULL)
        return GX_OK;
    at += 8;
    at += strspn(at, " \t\r\n=");
    for (size_t i = 0; (*at == '"' || *at == '\'') && i < sizeof known / sizeof *known; i++)
        if (strncasecmp(at + 1, known[i], strlen(known[i])) == 0 && at[1 + strlen(known[i])] == *at)
            return GX_OK;
    return refuse(in, 1, "this encoding is not read in GraphML", "convert the file to UTF-8", err);
}

/* The whole input, unpacked, in memory that has a file descriptor. */
static gx_status spill(gx_foreign kind, gx_input *in, int *fd, uint64_t *bytes, gx_error *err)
{
    gx_status st = GX_OK;
    scan s = {.kind = kind, .line = 1};
    const uint64_t limit = gx_memory_limit();
    char *room = gx_alloc(sizeof s.tail + CHUNK, 1);
    size_t got = CHUNK;
    *bytes = 0;
    if (room == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read it");
    char *chunk = room + sizeof s.tail;
    if (kind == GX_FOREIGN_GRAPHML && (st = check_encoding(in, err)) != GX_OK)
        goto done;
    *fd = memfd_create("graph", MFD_CLOEXEC);
    if (*fd < 0) {
        st = system_error(in, "cannot unpack it", err);
        goto done;
    }
    while (got == CHUNK) {
        if ((st = gx_input_read(in, chunk, CHUNK, &got, err)) != GX_OK ||
            (st = scan_chunk(&s, in, chunk, got, err)) != GX_OK)
            goto done;
        *bytes += got;
        if (limit > 0 && *bytes + gx_memory_held() > limit) {
            st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "%s does not fit into --memory-limit",
                gx_input_path(in));
            goto done;
        }
        if (gx_interrupted()) {
            st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
            goto done;
        }
        for (size_t done = 0; done < got;) {
            const ssize_t wrote = write(*fd, chunk + done, got - done);
            if (wrote < 0 && errno != EINTR) {
                st = system_error(in, "cannot unpack it", err);
                goto done;
            }
            done += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    if (lseek(*fd, 0, SEEK_SET) < 0)
        st = system_error(in, "cannot unpack it", err);
done:
    gx_free(room);
    return st;
}

/* Bytes of address space that the process has. */
static uint64_t address_space(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f != NULL) {
        if (fscanf(f, "%llu", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

typedef struct limits {
    rlim_t memory, seconds;
    bool ours; /* the memory follows from --memory-limit */
} limits;

static limits limits_for(uint64_t bytes)
{
    uint64_t memory = child_base + child_ratio * bytes;
    const uint64_t limit = gx_memory_limit(), held = gx_memory_held();
    const bool ours = limit > 0 && limit - (held < limit ? held : limit) < memory;
    if (ours)
        memory = limit - (held < limit ? held : limit);
    return (limits){
        .memory = address_space() + memory, .seconds = 20 + bytes / 100000, .ours = ours};
}

static void set_limit(int which, rlim_t value)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)which, &now) != 0 ||
        (now.rlim_cur != RLIM_INFINITY && now.rlim_cur < value))
        return;
    now.rlim_cur = value;
    (void)setrlimit((__rlimit_resource_t)which, &now);
}

static void child(gx_foreign kind, int from, int to, limits l) __attribute__((noreturn));
static void child(gx_foreign kind, int from, int to, limits l)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_CPU, l.seconds);
    set_limit(RLIMIT_AS, l.memory);
    gx_igraph_parse(kind, from, to);
    _exit(0);
}

/* A graph in memory that grew with what was read. */
typedef struct graph {
    uint64_t n, m;
    char *bytes;      /* names, one after the other */
    uint64_t *offset; /* [n + 1] */
    uint32_t *pair;   /* [2 m] */
    double *weight;   /* [m] */
    size_t bytes_room, offset_room, pair_room, weight_room;
} graph;

static void graph_clear(graph *g)
{
    gx_free(g->bytes);
    gx_free(g->offset);
    gx_free(g->pair);
    gx_free(g->weight);
}

/* Everything is checked: the child may have lost its mind. *whole false: the answer is cut off or
 * makes no sense. */
static gx_status take_graph(
    gx_reply *r, const gx_answer *a, uint64_t bytes, graph *g, bool *whole, gx_error *err)
{
    uint64_t used = 0, end = 0;
    g->n = a->n;
    g->m = a->m;
    *whole = false;
    if (a->n >= GX_NO_SLOT || a->m > bytes)
        return GX_OK;
    for (uint64_t v = 0; a->named && v < a->n; v++) {
        uint32_t length = 0;
        if (!gx_reply_take(r, &length, sizeof length) || length == 0 || length > bytes)
            return GX_OK;
        if (!gx_grow((void **)&g->offset, &g->offset_room, (size_t)v + 2, sizeof *g->offset) ||
            !gx_grow((void **)&g->bytes, &g->bytes_room, (size_t)used + length, 1))
            goto no_memory;
        if (!gx_reply_take(r, g->bytes + used, length))
            return GX_OK;
        g->offset[v] = used;
        used += length;
        g->offset[v + 1] = used;
    }
    for (uint64_t e = 0; e < a->m; e++) {
        if (!gx_grow((void **)&g->pair, &g->pair_room, 2 * (size_t)e + 2, sizeof *g->pair))
            goto no_memory;
        if (!gx_reply_take(r, g->pair + 2 * e, 2 * sizeof *g->pair) || g->pair[2 * e] >= a->n ||
            g->pair[2 * e + 1] >= a->n)
            return GX_OK;
    }
    for (uint64_t e = 0; a->weighted && e < a->m; e++) {
        if (!gx_grow((void **)&g->weight, &g->weight_room, (size_t)e + 1, sizeof *g->weight))
            goto no_memory;
        if (!gx_reply_take(r, g->weight + e, sizeof *g->weight))
            return GX_OK;
    }
    *whole = gx_reply_take(r, &end, sizeof end) && end == GX_ANSWER_END;
    return GX_OK;
no_memory:
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
}

static gx_status build(const graph *g, const gx_answer *a, const gx_input *in,
    const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_names *names = NULL;
    const bool weighted = a->weighted && gx_wants_weights(options);
    char text[2][GX_ID_TEXT];
    for (uint64_t e = 0; weighted && e < g->m; e++) {
        const char *flaw = gx_weight_flaw(g->weight[e], options);
        if (flaw != NULL) {
            gx_fail_at(err, GX_EDATA, gx_input_path(in), 0, 0, NULL, 0,
                "use --columns src,dst to ignore the weights", "the weight of edge %llu %s%s",
                (unsigned long long)e + 1, flaw,
                g->weight[e] != g->weight[e] ? ", or is missing" : "");
            if (err != NULL)
                err->where = e;
            return GX_EDATA;
        }
    }
    gx_builder_directed(b, a->directed);
    if ((st = gx_names_new(b, NULL, options, weighted, &names, err)) != GX_OK)
        return st;
    for (uint64_t v = 0; v < g->n && st == GX_OK; v++) {
        if (a->named)
            st = gx_names_vertex(
                names, g->bytes + g->offset[v], g->offset[v + 1] - g->offset[v], err);
        else
            st = gx_names_vertex(names, text[0],
                (size_t)snprintf(text[0], GX_ID_TEXT, "%llu", (unsigned long long)v + 1), err);
    }
    for (uint64_t e = 0; e < g->m && st == GX_OK; e++) {
        const char *end[2];
        size_t length[2];
        for (int i = 0; i < 2; i++) {
            const uint32_t v = g->pair[2 * e + (uint64_t)i];
            end[i] = a->named ? g->bytes + g->offset[v] : text[i];
            length[i] =
                a->named ? g->offset[v + 1] - g->offset[v]
                         : (size_t)snprintf(text[i], GX_ID_TEXT, "%llu", (unsigned long long)v + 1);
        }
        st = gx_names_edge(
            names, end[0], length[0], end[1], length[1], weighted ? g->weight[e] : 1, err);
    }
    if (st == GX_OK)
        st = gx_names_finish(names, err);
    gx_names_free(names);
    if (st != GX_OK && err != NULL && err->path[0] == '\0')
        snprintf(err->path, sizeof err->path, "%s", gx_input_path(in));
    return st;
}

static gx_status failure(
    gx_reply *r, const gx_answer *a, const gx_input *in, bool ours, gx_error *err)
{
    char message[384] = "";
    const size_t size = a->bytes < sizeof message ? (size_t)a->bytes : 0;
    if (!gx_reply_take(r, message, size))
        message[0] = '\0';
    message[size < sizeof message ? size : 0] = '\0';
    if (a->status == GX_ANSWER_NO_MEMORY && ours)
        return gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "%s: igraph reaches --memory-limit", gx_input_path(in));
    if (a->status == GX_ANSWER_NO_MEMORY)
        return refuse(in, 0, "igraph asks for far more memory than the file has bytes", "", err);
    return gx_fail_at(err, GX_EDATA, gx_input_path(in), a->line, 0, NULL, 0, "",
        "igraph cannot read it: %s", message);
}

static gx_status understand(gx_reply *r, const gx_input *in, uint64_t bytes, bool ours,
    const gx_read_options *options, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    gx_answer a = {0};
    graph g = {0};
    bool whole = false;
    if (gx_reply_take(r, &a, sizeof a) && a.status != GX_ANSWER_OK)
        return failure(r, &a, in, ours, err);
    if (a.status == GX_ANSWER_OK)
        st = take_graph(r, &a, bytes, &g, &whole, err);
    if (st != GX_OK)
        goto done;
    if (r->interrupted)
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
    else if (!whole)
        st = refuse(
            in, 0, "igraph dies of this file, takes too long, or finds no sense in it", "", err);
    else if (!a.named && a.n > 65536 && a.n > bytes)
        st = refuse(in, 0, "it claims far more vertices than it has bytes", "", err);
    else
        st = build(&g, &a, in, options, b, err);
    gx_builder_facts(b)->edges = g.m;
done:
    graph_clear(&g);
    return st;
}

enum { TRIES = 3 }; /* of a child that stands still */

/* One child and what it says. *stuck: it stood still, and nothing came of it. */
static gx_status ask_child(gx_foreign kind, int file, uint64_t bytes, gx_input *in,
    const gx_read_options *options, gx_builder *b, bool *stuck, gx_error *err)
{
    gx_status st = GX_OK;
    int ends[2] = {-1, -1};
    pid_t pid = -1;
    gx_reply *r = gx_alloc(1, sizeof *r);
    if (r == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read it");
    if (pipe2(ends, O_CLOEXEC) != 0) {
        st = system_error(in, "cannot start igraph", err);
        goto done;
    }
    const limits l = limits_for(bytes);
    pid = fork();
    if (pid < 0) {
        st = system_error(in, "cannot start igraph", err);
        goto done;
    }
    if (pid == 0) {
        close(ends[0]);
        child(kind, file, ends[1], l);
    }
    close(ends[1]);
    ends[1] = -1;
    *r = (gx_reply){.fd = ends[0], .pid = pid};
    st = understand(r, in, bytes, l.ours, options, b, err);
    *stuck = r->stuck;
done:
    if (pid > 0) {
        (void)kill(pid, SIGKILL); /* it has answered, or never will */
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    gx_free(r);
    return st;
}

gx_status gx_igraph_read(
    gx_foreign kind, gx_input *in, const gx_read_options *options, gx_builder *b, gx_error *err)
{
    int file = -1;
    uint64_t bytes = 0;
    bool stuck = true;
    gx_status st = spill(kind, in, &file, &bytes, err);
    for (int i = 0; i < TRIES && stuck && (st == GX_OK || i > 0); i++) {
        stuck = false;
        if (lseek(file, 0, SEEK_SET) < 0)
            st = system_error(in, "cannot unpack it", err);
        else
            st = ask_child(kind, file, bytes, in, options, b, &stuck, err);
    }
    if (file >= 0)
        close(file);
    return st;
}
