/* The client's side of the acknowledged protocol: one thread, one file, one connection at a time. */
#include "stream/client.h"

#include "graph/formats/edgelist/line.h"
#include "graph/input.h"
#include "graph/memory.h"
#include "graph/number.h"
#include "graph/output.h"
#include "graph/progress.h"
#include "stream/address.h"
#include "stream/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum { RETRY_MS = 50, FRAME_TEXT = 16384, IN_FLIGHT = 1 << 20, LINE = 30000 };

typedef struct client {
    const gx_client_options *options;
    gx_client_report *report;
    uint64_t fingerprint, lines; /* of the file: data lines */
    uint64_t acked;              /* to be counted on: it is in the file of --acked */
    uint64_t written;            /* what that file says */
    int fd;                      /* -1: not connected */
    bool welcome;
    uint64_t next; /* number of the next line to be put into a frame */
    gx_input *in;  /* the file, behind line next - 1 */
    unsigned char in_buffer[2 * (GX_FRAME_PAYLOAD + GX_FRAME_HEADER + GX_FRAME_CHECK)];
    size_t in_size;
    unsigned char out[GX_FRAME_PAYLOAD + GX_FRAME_HEADER + GX_FRAME_CHECK];
    size_t out_size, out_at;
    char *line; /* read, and not put into a frame yet; it lives in `in` */
    size_t line_length;
    double heard_ms, paced_ms; /* paced: when the next line may go, under a rate */
} client;

static void nap(unsigned ms)
{
    const struct timespec t = {.tv_nsec = (long)ms * 1000000};
    nanosleep(&t, NULL);
}

static bool stopped(const client *c)
{
    return c->options->stopped != NULL && c->options->stopped();
}

/* The next line that is data; *line NULL at the end. */
static gx_status next_line(gx_input *in, char **line, size_t *length, gx_error *err)
{
    for (;;) {
        const gx_status st = gx_input_line(in, LINE, line, length, err);
        if (st != GX_OK || *line == NULL || gx_text_kind_of(*line, *line + *length) == GX_LINE_EDGE)
            return st;
    }
}

/* Count the lines and hash them. */
static gx_status survey(client *c, gx_error *err)
{
    gx_input *in;
    char *line;
    size_t length;
    XXH3_state_t *hash = XXH3_createState();
    if (hash == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to read %s", c->options->path);
    XXH3_64bits_reset(hash);
    gx_status st = gx_input_open(c->options->path, &in, err);
    if (st != GX_OK)
        goto done;
    while ((st = next_line(in, &line, &length, err)) == GX_OK && line != NULL) {
        XXH3_64bits_update(hash, line, length);
        XXH3_64bits_update(hash, "\n", 1);
        c->lines++;
    }
    gx_input_close(in);
    c->fingerprint = XXH3_64bits_digest(hash) | 1;
done:
    XXH3_freeState(hash);
    return st;
}

/* What an earlier run left in the file of --acked. */
static gx_status read_acked(client *c, gx_error *err)
{
    char text[64];
    uint64_t number = 0;
    const char *path = c->options->acked;
    FILE *f = path != NULL ? fopen(path, "re") : NULL;
    if (f == NULL) {
        c->written = UINT64_MAX;
        return path == NULL || errno == ENOENT
                   ? GX_OK
                   : gx_fail_at(err, GX_EIO, path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    }
    const size_t got = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[got] = '\0';
    const bool good = gx_parse_u64(text, strcspn(text, "\n"), &number);
    if (!good || number > c->lines)
        return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            good ? "more is acknowledged there than the file has lines: it is of another file"
                 : "this is no number");
    c->acked = c->written = number;
    return GX_OK;
}

static gx_status keep_acked(client *c, gx_error *err)
{
    gx_output *out;
    if (c->options->acked == NULL || c->written == c->acked)
        return GX_OK;
    gx_status st = gx_output_open(c->options->acked, &out, err);
    if (st != GX_OK)
        return st;
    gx_output_durable(out);
    if ((st = gx_output_printf(out, err, "%llu\n", (unsigned long long)c->acked)) != GX_OK) {
        gx_output_abandon(out);
        return st;
    }
    c->written = c->acked;
    return gx_output_commit(out, err);
}

/* ---- connecting ---- */

static void disconnect(client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->welcome = false;
    c->in_size = c->out_size = c->out_at = 0;
}

/* Read the file up to line `number`. */
static gx_status wind_to(client *c, uint64_t number, gx_error *err)
{
    char *line;
    size_t length;
    gx_status st;
    if (c->in != NULL)
        gx_input_close(c->in);
    c->in = NULL;
    if ((st = gx_input_open(c->options->path, &c->in, err)) != GX_OK)
        return st;
    for (uint64_t i = 1; i < number && st == GX_OK; i++)
        st = next_line(c->in, &line, &length, err);
    c->next = number;
    c->line = NULL;
    return st;
}

static gx_status connect_once(client *c, gx_error *err)
{
    const char *rest = c->options->to;
    unsigned char hello[8 + GX_FRAME_NAME];
    const size_t name = strlen(c->options->name);
    if (strncmp(rest, "tcp:", 4) == 0)
        rest += 4;
    const gx_status st = gx_address_connect(rest, &c->fd, err);
    if (st != GX_OK) {
        c->fd = -1;
        return st;
    }
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
    c->report->connections++;
    for (unsigned i = 0; i < 8; i++)
        hello[i] = (unsigned char)(c->fingerprint >> (8 * i));
    memcpy(hello + 8, c->options->name, name);
    memcpy(c->out, gx_frame_magic, GX_FRAME_MAGIC);
    c->out_size = GX_FRAME_MAGIC + gx_frame_encode(c->out + GX_FRAME_MAGIC, GX_FRAME_HELLO,
                                       c->acked, hello, (uint32_t)(8 + name));
    return GX_OK;
}

/* ---- sending ---- */

/* How many lines may go now, under the rate. */
static uint64_t allowed(client *c)
{
    const double now = gx_now_ms(), rate = c->options->rate;
    if (!(rate > 0))
        return UINT64_MAX;
    if (c->paced_ms <= 0 || c->paced_ms < now - 100) /* what was not sent is not caught up */
        c->paced_ms = now - 100 < c->paced_ms ? c->paced_ms : now;
    return now < c->paced_ms ? 0 : (uint64_t)((now - c->paced_ms) * rate / 1e3) + 1;
}

/* The next frame of lines into `out`. */
static gx_status fill(client *c, gx_error *err)
{
    unsigned char *payload = c->out + GX_FRAME_HEADER;
    const uint64_t first = c->next, most = allowed(c);
    uint32_t length = 0;
    gx_status st = GX_OK;
    while (c->next <= c->lines && c->next - first < most && length < FRAME_TEXT) {
        if (c->line == NULL && (st = next_line(c->in, &c->line, &c->line_length, err)) != GX_OK)
            return st;
        if (c->line == NULL)
            return gx_fail_at(err, GX_EIO, c->options->path, 0, 0, NULL, 0, "",
                "the file has become shorter while it was sent");
        if (length + c->line_length + 1 > GX_FRAME_PAYLOAD)
            break;
        memcpy(payload + length, c->line, c->line_length);
        payload[length + c->line_length] = '\n';
        length += (uint32_t)c->line_length + 1;
        c->line = NULL;
        c->next++;
    }
    if (c->next == first)
        return GX_OK;
    c->out_size = gx_frame_encode(c->out, GX_FRAME_DATA, first, payload, length);
    c->out_at = 0;
    c->report->sent += c->next - first;
    if (c->options->rate > 0)
        c->paced_ms += (double)(c->next - first) * 1e3 / c->options->rate;
    return GX_OK;
}

/* false: the connection is broken. */
static bool push_out(client *c)
{
    while (c->out_at < c->out_size) {
        const ssize_t sent = send(c->fd, c->out + c->out_at, c->out_size - c->out_at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        c->out_at += (size_t)sent;
    }
    return true;
}

/* ---- hearing ---- */

static gx_status refused(const gx_frame *f, gx_error *err)
{
    const gx_status code = f->number == GX_EUSAGE ? GX_EUSAGE : GX_EDATA;
    return gx_fail(err, code, GX_NOWHERE, "the server refuses: %.*s",
        (int)(f->length < 400 ? f->length : 400), (const char *)f->payload);
}

static gx_status heed(client *c, const gx_frame *f, bool *broken, gx_error *err)
{
    gx_status st = GX_OK;
    if (f->type == GX_FRAME_REFUSE)
        return refused(f, err);
    const bool expected = c->welcome ? f->type == GX_FRAME_ACK : f->type == GX_FRAME_WELCOME;
    if (!expected || f->number < c->acked || f->number > c->lines) {
        *broken = true;
        return GX_OK;
    }
    c->acked = c->report->acked = f->number;
    if (f->type == GX_FRAME_WELCOME) {
        c->welcome = true;
        st = wind_to(c, f->number + 1, err);
    }
    return st == GX_OK ? keep_acked(c, err) : st;
}

static gx_status hear(client *c, bool *broken, gx_error *err)
{
    gx_status st = GX_OK;
    const ssize_t got = recv(c->fd, c->in_buffer + c->in_size, sizeof c->in_buffer - c->in_size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return GX_OK;
    if (got <= 0) {
        *broken = true;
        return GX_OK;
    }
    c->heard_ms = gx_now_ms();
    c->in_size += (size_t)got;
    size_t done = 0;
    while (st == GX_OK && !*broken) {
        gx_frame f;
        const size_t size = gx_frame_decode(c->in_buffer + done, c->in_size - done, &f);
        if (size == 0)
            break;
        if (size == SIZE_MAX) {
            *broken = true;
            break;
        }
        st = heed(c, &f, broken, err);
        done += size;
    }
    memmove(c->in_buffer, c->in_buffer + done, c->in_size - done);
    c->in_size -= done;
    return st;
}

/* One connection, until all is acknowledged or it breaks. */
static gx_status talk(client *c, gx_error *err)
{
    bool broken = false;
    gx_status st = GX_OK;
    while (st == GX_OK && !broken && !stopped(c) && !(c->welcome && c->acked == c->lines)) {
        int wait_ms = 1000;
        if (c->welcome && c->out_at == c->out_size && c->next <= c->lines &&
            c->next - c->acked < IN_FLIGHT) {
            if ((st = fill(c, err)) != GX_OK)
                break;
            if (c->out_at == c->out_size) /* the rate says: not yet */
                wait_ms = 1 + (int)fmin(100, fmax(0, c->paced_ms - gx_now_ms()));
        }
        broken = !push_out(c);
        if (!broken && c->welcome && c->out_at == c->out_size && c->next <= c->lines &&
            !(c->options->rate > 0) && c->next - c->acked < IN_FLIGHT)
            wait_ms = 0;
        const short out = c->out_at < c->out_size ? POLLOUT : 0;
        struct pollfd one = {.fd = c->fd, .events = (short)(POLLIN | out)};
        if (!broken && poll(&one, 1, wait_ms) > 0)
            st = hear(c, &broken, err);
        if (c->options->give_up_ms > 0 &&
            gx_now_ms() - c->heard_ms > (double)c->options->give_up_ms)
            broken = true;
    }
    return st;
}

gx_status gx_client_send(const gx_client_options *options, gx_client_report *report, gx_error *err)
{
    client *c = gx_alloc_zero(1, sizeof *c);
    const size_t name = strlen(options->name);
    gx_status st;
    *report = (gx_client_report){0};
    if (c == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to send");
    *c = (client){.options = options, .report = report, .fd = -1, .heard_ms = gx_now_ms()};
    if (name == 0 || name > GX_FRAME_NAME || !gx_is_utf8(options->name, name)) {
        st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--client is 1 to 255 bytes of UTF-8");
        goto done;
    }
    if ((st = survey(c, err)) != GX_OK || (st = read_acked(c, err)) != GX_OK ||
        (st = keep_acked(c, err)) != GX_OK)
        goto done;
    report->acked = c->acked;
    bool greeted = false; /* even when nothing is left: the server has to know it */
    while (st == GX_OK && !(greeted && c->acked == c->lines) && !stopped(c)) {
        st = connect_once(c, err);
        if (st == GX_OK) {
            st = talk(c, err);
            greeted = greeted || c->welcome;
            disconnect(c);
            if (st == GX_OK && greeted && c->acked == c->lines)
                break;
        } else if (st == GX_ENOINPUT) {
            st = GX_OK;
        }
        if (st == GX_OK && options->give_up_ms > 0 &&
            gx_now_ms() - c->heard_ms > (double)options->give_up_ms)
            st = gx_fail(err, GX_EIO, GX_NOWHERE, "nothing was heard from %s for %.3g s",
                options->to, (double)options->give_up_ms / 1e3);
        nap(RETRY_MS);
    }
    if (st == GX_OK && stopped(c) && c->acked < c->lines)
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE,
            "stopped: %llu of %llu edges are acknowledged", (unsigned long long)c->acked,
            (unsigned long long)c->lines);
done:
    disconnect(c);
    if (c->in != NULL)
        gx_input_close(c->in);
    gx_free(c);
    return st;
}
