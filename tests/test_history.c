/* A history checker from outside: concurrent clients of the acknowledged protocol send edges that never repeat, to a server that is
 * killed (-9) at random and at each of its calls to the file system in turn, and so are clients. After kills, and at the end: what was
 * acknowledged is in the state, what is in the state was sent, nothing is there twice, and of each client exactly a prefix; at the very
 * end all of it, with the results of a run that nobody disturbed. This program is the server and the clients, too. */
#include "graph/memory.h"
#include "stream/client.h"
#include "stream/inspect.h"
#include "stream/stream.h"
#include "tests/support/engines.h"
#include "tests/support/support.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 8, PRIME = 997, DST = 100000 };

/* Line i of client c: one edge, which says whose it is. */
static void edge_of(unsigned c, uint64_t i, uint64_t *src, uint64_t *dst)
{
    *src = c * 1000 + i % PRIME;
    *dst = DST + i / PRIME;
}

/* ---- the server ---- */

static _Atomic uint64_t calls_left; /* to the file system, before the end; 0: without end */
static unsigned calls_way;          /* before the call, after it, in the middle of a write */

/* true: this is the call to die at. */
static bool is_last(void)
{
    return calls_left > 0 && --calls_left == 0;
}
static void die(void)
{
    raise(SIGKILL);
}

#define AROUND(call)                                                                               \
    const bool last = is_last();                                                                   \
    if (last && calls_way == 0)                                                                    \
        die();                                                                                     \
    const __typeof__(call) result = (call);                                                        \
    if (last)                                                                                      \
        die();                                                                                     \
    return result

static int k_open(void *ctx, const char *path, int flags)
{
    AROUND(gx_fs_posix.open(ctx, path, flags));
}
static int k_close(void *ctx, int file)
{
    AROUND(gx_fs_posix.close(ctx, file));
}
static int64_t k_read(void *ctx, int file, void *to, size_t size, uint64_t offset)
{
    AROUND(gx_fs_posix.read(ctx, file, to, size, offset));
}
static int64_t k_write(void *ctx, int file, const void *from, size_t size, uint64_t offset)
{
    const size_t part = calls_left == 1 && calls_way == 2 ? size / 2 : size;
    AROUND(gx_fs_posix.write(ctx, file, from, part, offset));
}
static int k_sync(void *ctx, int file)
{
    AROUND(gx_fs_posix.sync(ctx, file));
}
static int k_truncate(void *ctx, int file, uint64_t size)
{
    AROUND(gx_fs_posix.truncate(ctx, file, size));
}
static int64_t k_size(void *ctx, int file)
{
    AROUND(gx_fs_posix.size(ctx, file));
}
static int k_lock(void *ctx, int file)
{
    AROUND(gx_fs_posix.lock(ctx, file));
}
static int k_rename(void *ctx, const char *from, const char *to)
{
    AROUND(gx_fs_posix.rename(ctx, from, to));
}
static int k_unlink(void *ctx, const char *path)
{
    AROUND(gx_fs_posix.unlink(ctx, path));
}
static int k_mkdir(void *ctx, const char *path)
{
    AROUND(gx_fs_posix.mkdir(ctx, path));
}
static int k_sync_dir(void *ctx, const char *path)
{
    AROUND(gx_fs_posix.sync_dir(ctx, path));
}
static int k_list(void *ctx, const char *path, bool (*say)(void *to, const char *name), void *to)
{
    AROUND(gx_fs_posix.list(ctx, path, say, to));
}

static const gx_fs deadly = {.open = k_open,
    .close = k_close,
    .read = k_read,
    .write = k_write,
    .sync = k_sync,
    .truncate = k_truncate,
    .size = k_size,
    .lock = k_lock,
    .rename = k_rename,
    .unlink = k_unlink,
    .mkdir = k_mkdir,
    .sync_dir = k_sync_dir,
    .list = k_list};

static void mask_term(int how)
{
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(how, &term, NULL);
}

static void on_term(int number)
{
    (void)number;
    gx_stream_stop();
}

static int save_text(const char *path, const gx_picture *picture)
{
    const gx_rows rows = {.now = picture, .rows = picture->ids.slots};
    gx_output *out;
    gx_error err;
    if (gx_output_open(path, &out, &err) != GX_OK || gx_rows_write(&rows, "", out, &err) != GX_OK)
        return 1;
    return gx_output_commit(out, &err) == GX_OK ? 0 : 1;
}

/* A stream over any sources; the results go to a file at the end. */
static int stream_over(const char *const sources[], unsigned count, const char *folder,
    const char *algorithm, const char *trigger, const char *out)
{
    const char *const words[] = {strcmp(algorithm, "wcc") == 0 ? NULL : "source=0", NULL};
    gx_options *options = options_of(gx_algorithm_named(algorithm), words);
    gx_stream_options o = {.algorithm = gx_algorithm_named(algorithm),
        .options = options,
        .source = sources,
        .sources = count,
        .read = {.columns = "src,dst"},
        .graph = {.directed = true, .ids = GX_IDS_U64},
        .window = {.delay = -1, .directed = true, .ids = GX_IDS_U64},
        .max_ahead = -1,
        .folder = folder,
        .max_replay_ms = 10,
        .world = {.fs = &deadly, .log = {.first_bytes = 16 << 10, .most_bytes = 256 << 10}}};
    const gx_stream_watch watch = {0};
    gx_picture picture = {0};
    gx_stream_summary summary;
    gx_error err = {0};
    int code = 1;
    if (gx_trigger_parse(trigger, &o.trigger, &err) == GX_OK &&
        gx_stream_run(&o, &watch, &picture, &summary, &err) == GX_OK)
        code = save_text(out, &picture);
    if (code != 0)
        fprintf(stderr, "server: %s: %s\n", err.path, err.message);
    gx_picture_clear(&picture);
    gx_options_free(options);
    return code;
}

/* server ADDRESS FOLDER ALGORITHM TRIGGER OUT CALLS WAY */
static int server(char **word)
{
    const char *sources[] = {word[0]};
    calls_left = strtoull(word[5], NULL, 10);
    calls_way = (unsigned)strtoul(word[6], NULL, 10);
    signal(SIGTERM, on_term);
    mask_term(SIG_UNBLOCK);
    return stream_over(sources, 1, word[1], word[2], word[3], word[4]);
}

/* client ADDRESS NAME FILE ACKED|- RATE REPORTS NUMBER */
static int client(char **word)
{
    const int fd = open(word[5], O_RDWR | O_CLOEXEC);
    gx_client_report *all =
        mmap(NULL, CLIENTS * sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (all == MAP_FAILED)
        return 2;
    const gx_client_options o = {.to = word[0],
        .name = word[1],
        .path = word[2],
        .acked = strcmp(word[3], "-") != 0 ? word[3] : NULL,
        .rate = strtod(word[4], NULL),
        .give_up_ms = 120000};
    gx_error err = {0};
    const gx_status st = gx_client_send(&o, &all[strtoul(word[6], NULL, 10)], &err);
    if (st != GX_OK)
        fprintf(stderr, "client %s: %s: %s\n", word[1], err.path, err.message);
    return st == GX_OK ? 0 : 3;
}

/* ---- a history ---- */

typedef struct history {
    char folder[120], address[60], state[160], reports[160], out[160], trigger[40];
    char file[CLIENTS][160], acked_file[CLIENTS][160];
    const char *algorithm;
    uint64_t each; /* lines of a client */
    pid_t server, client[CLIENTS];
    bool done[CLIENTS];
    uint64_t acked[CLIENTS]; /* at most ever told to a client */
    gx_client_report *report;
    uint64_t random, kills, client_kills, audits;
    bool fast; /* clients hold back no more */
} history;

static double draw(history *h, double from, double to)
{
    return from + (to - from) * (double)(next_random(&h->random) >> 11) / 9007199254740992.0;
}

static void nap(double ms)
{
    const struct timespec t = {
        .tv_sec = (time_t)(ms / 1e3), .tv_nsec = (long)(ms * 1e6) % 1000000000};
    nanosleep(&t, NULL);
}

/* SIGTERM waits until the child is ready for it. */
static pid_t spawn(char **word)
{
    extern char **environ;
    pid_t pid;
    mask_term(SIG_BLOCK);
    ck_assert_int_eq(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, word, environ), 0);
    mask_term(SIG_UNBLOCK);
    return pid;
}

static void start_server(history *h, uint64_t calls, unsigned way)
{
    char number[30], how[10];
    snprintf(number, sizeof number, "%" PRIu64, calls);
    snprintf(how, sizeof how, "%u", way);
    char name[] = "test_history", role[] = "server", *algorithm = strdup(h->algorithm);
    char *word[] = {
        name, role, h->address, h->state, algorithm, h->trigger, h->out, number, how, NULL};
    h->server = spawn(word);
    free(algorithm);
}

static void start_client(history *h, unsigned c)
{
    char id[20], number[10], rate[30], none[] = "-";
    snprintf(id, sizeof id, "c%u", c);
    snprintf(number, sizeof number, "%u", c);
    snprintf(rate, sizeof rate, "%.0f", h->fast ? 0 : (double)h->each / 5);
    char name[] = "test_history", role[] = "client";
    char *word[] = {name, role, h->address, id, h->file[c], c % 2 ? h->acked_file[c] : none, rate,
        h->reports, number, NULL};
    h->client[c] = spawn(word);
}

/* What a client heard is never taken back. One that keeps a file may have been killed before it wrote there what it heard, and begins
 * with what stands there: the audits hold the state against what it heard. */
static void reap_client(history *h, unsigned c, bool killed)
{
    int status;
    ck_assert_int_eq(waitpid(h->client[c], &status, 0), h->client[c]);
    h->client[c] = 0;
    const uint64_t heard = h->report[c].acked;
    ck_assert_msg(heard == 0 || heard >= h->acked[c] || (killed && c % 2 == 1),
        "client %u was told %" PRIu64 ", then %" PRIu64, c, h->acked[c], heard);
    h->acked[c] = heard > h->acked[c] ? heard : h->acked[c];
    h->done[c] = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ck_assert_msg(h->done[c] || (killed && WIFSIGNALED(status)), "client %u: status %d", c, status);
    ck_assert(!h->done[c] || h->acked[c] == h->each);
}

static void kill_client(history *h, unsigned c)
{
    if (h->client[c] <= 0)
        return;
    kill(h->client[c], SIGKILL);
    reap_client(h, c, true);
    h->client_kills++;
    if (!h->done[c])
        start_client(h, c);
}

/* The state, and whose edges it holds: a prefix of each client's, each once, with all that it was told. */
static void audit(history *h, bool whole)
{
    gx_state *s = NULL;
    gx_recovery found;
    gx_graph *g = NULL;
    gx_error err;
    uint64_t floor[CLIENTS], sum = 0, position[CLIENTS] = {0};
    unsigned char *seen[CLIENTS];
    for (unsigned c = 0; c < CLIENTS; c++) {
        const uint64_t now = h->report[c].acked;
        floor[c] = now > h->acked[c] ? now : h->acked[c];
    }
    const gx_status st = gx_inspect_open(h->state, &s, &found, &err);
    ck_assert_msg(st == GX_OK, "after %" PRIu64 " kills: %s: %s", h->kills, err.path, err.message);
    ck_assert_int_eq(gx_live_snapshot(gx_state_graph(s), &g, &err), GX_OK);
    for (unsigned c = 0; c < CLIENTS; c++) {
        char key[20];
        gx_mark mark = {0, 0};
        snprintf(key, sizeof key, "client:c%u", c);
        gx_state_find(s, key, strlen(key), &mark);
        position[c] = mark.position;
        ck_assert_msg(position[c] >= floor[c] && position[c] <= h->each,
            "client %u was told %" PRIu64 ", the state holds %" PRIu64, c, floor[c], position[c]);
        ck_assert(!whole || position[c] == h->each);
        sum += position[c];
        seen[c] = calloc(h->each, 1);
    }
    const gx_ops *open = gx_state_open_batch(s);
    ck_assert_uint_eq(g->edges.m + open->m, sum);
    for (uint64_t e = 0; e < sum; e++) {
        const bool in_graph = e < g->edges.m;
        const gx_stream_op *op = in_graph ? NULL : &open->op[e - g->edges.m];
        const uint64_t src = in_graph ? g->ids.number[g->edges.src[e]] : op->src;
        const uint64_t dst = in_graph ? g->ids.number[g->edges.dst[e]] : op->dst;
        const uint64_t c = src / 1000, i = (dst - DST) * PRIME + src % 1000;
        REQUIRE(c < CLIENTS && dst >= DST && src % 1000 < PRIME && i < position[c]); /* was sent */
        REQUIRE(!seen[c][i]);                                                        /* once */
        seen[c][i] = 1;
    }
    for (unsigned c = 0; c < CLIENTS; c++)
        free(seen[c]);
    gx_graph_free(g);
    gx_state_abandon(s);
    h->audits++;
}

static void wait_for_server(history *h, double most_ms)
{
    int status = 0;
    for (double ms = 0; ms < most_ms; ms += 2) {
        const pid_t pid = waitpid(h->server, &status, WNOHANG);
        if (pid == h->server) {
            h->server = 0;
            ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                "the server ended by itself: status %d", status);
            return;
        }
        nap(2);
    }
    kill(h->server, SIGKILL);
    ck_assert_int_eq(waitpid(h->server, &status, 0), h->server);
    ck_assert_msg(WIFSIGNALED(status), "the server ended by itself: status %d", status);
    h->server = 0;
}

static void prepare(history *h, unsigned number, uint64_t each)
{
    static const char *const algorithms[] = {"wcc", "bfs"};
    static const char *const triggers[] = {"every=2ms", "edges=500", "every=20ms", "bytes=9000"};
    *h = (history){
        .algorithm = algorithms[number % 2], .each = each, .random = 77 + number + seeds_from()};
    snprintf(h->folder, sizeof h->folder, "/tmp/test_history_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(h->folder));
    snprintf(h->state, sizeof h->state, "%s/state", h->folder);
    snprintf(h->reports, sizeof h->reports, "%s/reports", h->folder);
    snprintf(h->out, sizeof h->out, "%s/out", h->folder);
    snprintf(h->trigger, sizeof h->trigger, "%s", triggers[number % 4]);
    const int fd = open(h->reports, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(ftruncate(fd, CLIENTS * sizeof *h->report), 0);
    h->report = mmap(NULL, CLIENTS * sizeof *h->report, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(h->report, MAP_FAILED);
    close(fd);
    for (unsigned c = 0; c < CLIENTS; c++) {
        snprintf(h->file[c], sizeof h->file[c], "%s/c%u", h->folder, c);
        snprintf(h->acked_file[c], sizeof h->acked_file[c], "%s/a%u", h->folder, c);
        FILE *f = fopen(h->file[c], "w");
        ck_assert_ptr_nonnull(f);
        for (uint64_t i = 0; i < each; i++) {
            uint64_t src, dst;
            edge_of(c, i, &src, &dst);
            fprintf(f, "%" PRIu64 " %" PRIu64 "\n", src, dst);
        }
        ck_assert_int_eq(fclose(f), 0);
    }
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof any;
    const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* which port is free? */
    ck_assert_int_eq(bind(s, (struct sockaddr *)&any, length), 0);
    ck_assert_int_eq(getsockname(s, (struct sockaddr *)&any, &length), 0);
    close(s);
    snprintf(h->address, sizeof h->address, "tcp://127.0.0.1:%u", ntohs(any.sin_port));
}

/* The same edges from files, with nothing kept: the results must be the same bytes. */
static void compare_with_undisturbed(history *h)
{
    const char *sources[CLIENTS];
    char other[200], command[600];
    for (unsigned c = 0; c < CLIENTS; c++)
        sources[c] = h->file[c];
    snprintf(other, sizeof other, "%s/whole", h->folder);
    ck_assert_int_eq(stream_over(sources, CLIENTS, NULL, h->algorithm, "edges=50000", other), 0);
    snprintf(command, sizeof command, "cmp %s %s && rm -rf %s", h->out, other, h->folder);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(nothing_acknowledged_is_lost)
{
    const uint64_t kills = seeds_of(125), each = seeds_of(16000);
    history h;
    prepare(&h, (unsigned)_i, each);
    for (unsigned c = 0; c < CLIENTS; c++)
        start_client(&h, c);
    while (h.kills < kills) {
        const bool at_call = h.kills % 2; /* else at a random moment */
        const uint64_t call = 1 + (h.kills / 2 * 11 + (uint64_t)_i * 3) % 640;
        start_server(&h, at_call ? call : 0, (unsigned)(h.kills / 2 % 3));
        wait_for_server(&h, at_call ? 250 : draw(&h, 2, 90));
        h.kills++;
        if (h.kills % 12 == 0)
            audit(&h, false);
        if (h.kills % 5 == 0)
            kill_client(&h, (unsigned)draw(&h, 0, CLIENTS));
    }
    uint64_t meanwhile = 0;
    for (unsigned c = 0; c < CLIENTS; c++)
        meanwhile += h.report[c].acked > h.acked[c] ? h.report[c].acked : h.acked[c];
    h.fast = true;
    for (unsigned c = 0; c < CLIENTS; c++)
        kill_client(&h, c);
    start_server(&h, 0, 0);
    for (unsigned c = 0; c < CLIENTS; c++)
        if (h.client[c] > 0)
            reap_client(&h, c, false);
    int status;
    ck_assert_int_eq(kill(h.server, SIGTERM), 0);
    ck_assert_int_eq(waitpid(h.server, &status, 0), h.server);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    audit(&h, true);
    compare_with_undisturbed(&h);
    ck_assert_int_eq(munmap(h.report, CLIENTS * sizeof *h.report), 0);
    printf("%s, %s: %" PRIu64 " kills of the server, %" PRIu64 " of clients, %" PRIu64
           " edges acknowledged meanwhile, %" PRIu64 " audits\n",
        h.algorithm, h.trigger, h.kills, h.client_kills, meanwhile, h.audits);
    ck_assert_uint_gt(meanwhile, 0);
    add_figure("kills", h.kills + h.client_kills);
    add_figure("kills of servers", h.kills);
    add_figure("acknowledged edges", CLIENTS * each);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 9) /* a server or a client: ends with the suite, whatever ends that */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (argc == 9 && strcmp(argv[1], "server") == 0)
        return server(argv + 2);
    if (argc == 9 && strcmp(argv[1], "client") == 0)
        return client(argv + 2);
    Suite *suite = suite_create("history");
    TCase *tests = tcase_create("history");
    tcase_set_timeout(tests, 7200);
    tcase_add_loop_test(tests, nothing_acknowledged_is_lost, 0, 8 * (int)nights());
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
