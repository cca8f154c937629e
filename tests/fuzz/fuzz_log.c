/* Bytes as a log segment: as they are, and with the checks of its header and of its records made right, so that what lies behind them
 * is reached. What a scan takes can be gone on with, and is found again. The whole state is then opened over it. */
#include "tests/fuzz/fuzz_state.h"

#define SEGMENT "st/log-0000000000000001"

typedef struct counts {
    uint64_t records, sum;
} counts;

static gx_status count(void *ctx, const gx_log_record *r, gx_error *err)
{
    counts *c = ctx;
    (void)err;
    for (uint32_t i = 0; i < r->length; i++)
        c->sum = c->sum * 31 + r->payload[i];
    if (r->type != GX_LOG_END && r->type != GX_LOG_OPEN)
        c->records++;
    return GX_OK;
}

static uint32_t get32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

/* A right header, and right records for as long as lengths fit; what `durable` says is kept within what can be. */
static void seal(uint8_t *bytes, size_t size, uint64_t salt)
{
    gx_segment_header h = {.segment = 1, .salt = salt, .first_lsn = 1};
    gx_record_place place = {1, 0, 0};
    if (size < GX_SEGMENT_HEADER)
        return;
    memcpy(h.id, fuzz_id, sizeof h.id);
    gx_segment_encode(&h, bytes);
    for (size_t at = GX_SEGMENT_HEADER; at + GX_RECORD_HEADER <= size;) {
        uint8_t *r = bytes + at;
        const uint32_t length = get32(r + 4) % 4096;
        const uint64_t whole = gx_record_size(length);
        if (r[0] == 0 || whole > size - at)
            break;
        uint8_t *payload = malloc(length + 1);
        memcpy(payload, r + GX_RECORD_HEADER, length);
        place.durable = r[24] % (place.lsn + 1);
        place.before = gx_record_encode(r, (uint8_t)(1 + r[0] % 6), payload, length, &place, salt);
        free(payload);
        place.lsn++;
        at += (size_t)whole;
    }
}

static void scan(const uint8_t *bytes, size_t size)
{
    fakefs *disk = fakefs_new();
    const gx_fs *fs = fakefs_fs(disk);
    gx_log_extent extent, again;
    gx_error err = {0};
    gx_log *log = NULL;
    counts one = {0}, two = {0};
    fuzz_put(disk, SEGMENT, bytes, size);
    gx_status st = gx_log_scan(fs, "st", fuzz_id, NULL, count, &one, &extent, &err);
    if (st != GX_OK && (st != GX_EDATA || err.message[0] == '\0'))
        abort();
    if (st == GX_OK) {
        const gx_log_options small = {.first_bytes = 2048, .most_bytes = 8192};
        if (gx_log_resume(fs, "st", fuzz_id, &extent, &small, &log, &err) != GX_OK ||
            gx_log_append(log, GX_LOG_DATA, "x", 1, NULL, &err) != GX_OK ||
            gx_log_sync(log, &err) != GX_OK)
            abort();
        gx_log_abandon(log);
        if (gx_log_scan(fs, "st", fuzz_id, NULL, count, &two, &again, &err) != GX_OK ||
            two.records != one.records + 1)
            abort();
    }
    fakefs_free(disk);
}

/* The same segment under a manifest that knows nothing yet. */
static void open_state(const uint8_t *bytes, size_t size)
{
    fakefs *disk = fakefs_new();
    char plan[] = "wcc";
    gx_manifest m = {.generation = 1, .plan = plan};
    memcpy(m.id, fuzz_id, sizeof m.id);
    fuzz_put(disk, SEGMENT, bytes, size);
    fuzz_put(disk, "st/lock", "", 0);
    if (gx_manifest_store(fakefs_fs(disk), "st", &m, NULL) != GX_OK)
        abort();
    fuzz_open(disk);
    fakefs_free(disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 15)
        return 0;
    fuzz_begin();
    scan(data, size);
    uint8_t *bytes = malloc(size);
    memcpy(bytes, data, size);
    seal(bytes, size, size);
    scan(bytes, size);
    open_state(bytes, size);
    free(bytes);
    return fuzz_end();
}
