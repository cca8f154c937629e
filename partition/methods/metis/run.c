/* METIS in a process of its own. METIS ends the process or crashes on graphs it does not like, and prints as it pleases:
 * it runs in a child, which sends the parts through a pipe. The child runs no OpenMP: libgomp hangs after a fork. */
#include "partition/methods/metis/run.h"

#include <errno.h>
#include <fcntl.h>
#include <metis.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(idx_t) == sizeof(int32_t), "METIS is built with 32-bit idx_t");

enum { POLL_MS = 50, CHILD_NO_MEMORY = 3, CHILD_FAILED = 4, CHILD_NO_PIPE = 5 };

/* Never returns. */
static void child(
    const gx_metis_graph *g, int32_t k, double balance, uint64_t seed, int32_t part[], int to)
{
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    idx_t options[METIS_NOPTIONS], n = g->n, constraints = 1, parts = k, cut = 0;
    METIS_SetDefaultOptions(options);
    options[METIS_OPTION_SEED] = (idx_t)(seed & 0x7fffffff);
    options[METIS_OPTION_NUMBERING] = 0;
    options[METIS_OPTION_UFACTOR] = (idx_t)((balance - 1) * 1000 < 1 ? 1 : (balance - 1) * 1000);
    const int st = METIS_PartGraphKway(&n, &constraints, g->first, g->to, g->weight, NULL, NULL,
        &parts, NULL, NULL, options, &cut, part);
    if (st != METIS_OK)
        _exit(st == METIS_ERROR_MEMORY ? CHILD_NO_MEMORY : CHILD_FAILED);
    const char *bytes = (const char *)part;
    for (size_t left = (size_t)g->n * sizeof *part; left > 0;) {
        const ssize_t sent = write(to, bytes, left);
        if (sent < 0 && errno != EINTR)
            _exit(CHILD_NO_PIPE);
        bytes += sent > 0 ? sent : 0;
        left -= sent > 0 ? (size_t)sent : 0;
    }
    _exit(0);
}

/* Read all that comes. *got out: bytes. */
static gx_status receive(int from, char *bytes, size_t size, size_t *got, gx_error *err)
{
    *got = 0;
    while (*got < size) {
        struct pollfd ready = {.fd = from, .events = POLLIN};
        const int events = poll(&ready, 1, POLL_MS);
        if (gx_interrupted())
            return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while METIS was cutting");
        if (events <= 0)
            continue;
        const ssize_t more = read(from, bytes + *got, size - *got);
        if (more == 0)
            return GX_OK;
        if (more < 0 && errno != EINTR)
            return gx_fail(err, GX_EIO, GX_NOWHERE, "reading from METIS: %s", strerror(errno));
        *got += more > 0 ? (size_t)more : 0;
    }
    return GX_OK;
}

static gx_status verdict(int status, gx_error *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_MEMORY)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "METIS found no memory");
    if (WIFSIGNALED(status))
        gx_fail(err, GX_EDATA, GX_NOWHERE, "METIS 5.1.0 crashed on this graph (signal %d)",
            WTERMSIG(status));
    else
        gx_fail(err, GX_EDATA, GX_NOWHERE, "METIS 5.1.0 failed on this graph (exit %d)",
            WEXITSTATUS(status));
    gx_hint(err, "--partitioner ne cuts any graph, with fewer replicas");
    return GX_EDATA;
}

gx_status gx_metis_run(const gx_metis_graph *g, int32_t k, double balance, uint64_t seed,
    int32_t part[], gx_error *err)
{
    const uint64_t need = (uint64_t)g->n * 100 + (uint64_t)g->first[g->n] * 52,
                   limit = gx_memory_limit();
    if (limit > 0 && (gx_memory_held() > limit || need > limit - gx_memory_held()))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE,
            "METIS needs about %llu MB more than the memory limit leaves",
            (unsigned long long)(need >> 20));
    int ends[2], status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gx_fail(err, GX_EIO, GX_NOWHERE, "no pipe for METIS: %s", strerror(errno));
    const pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return gx_fail(err, GX_EIO, GX_NOWHERE, "no process for METIS: %s", strerror(errno));
    }
    if (pid == 0)
        child(g, k, balance, seed, part, ends[1]);
    close(ends[1]);
    size_t got = 0;
    const size_t size = (size_t)g->n * sizeof *part;
    const gx_status st = receive(ends[0], (char *)part, size, &got, err);
    if (st != GX_OK)
        kill(pid, SIGKILL);
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (st != GX_OK)
        return st;
    return got == size && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? GX_OK
                                                                        : verdict(status, err);
}
