/* The bytes of the log: segment headers and records. */
#include "stream/log_priv.h"
#include "stream/plant_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static const unsigned char MAGIC[8] = {'G', 'X', 'L', 'O', 'G', '\r', '\n', 0x1a};

/* Little-endian, whatever the machine is. */
static void put(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

void gx_segment_encode(const gx_segment_header *h, unsigned char to[GX_SEGMENT_HEADER])
{
    memcpy(to, MAGIC, sizeof MAGIC);
    put(to + 8, GX_SEGMENT_VERSION, 2);
    put(to + 10, 0, 2);
    put(to + 12, GX_SEGMENT_HEADER, 4);
    memcpy(to + 16, h->id, sizeof h->id);
    put(to + 32, h->segment, 8);
    put(to + 40, h->salt, 8);
    put(to + 48, h->first_lsn, 8);
    put(to + 56, h->before, 8);
    put(to + 64, h->replaces, 8);
    put(to + 72, XXH3_64bits(to, 72), 8);
}

const char *gx_segment_decode(const unsigned char from[GX_SEGMENT_HEADER], gx_segment_header *h)
{
    if (memcmp(from, MAGIC, sizeof MAGIC) != 0)
        return "this is no log segment";
    if (get(from + 8, 2) < 1 || get(from + 8, 2) > GX_SEGMENT_VERSION)
        return "the segment's format version is not known to this program";
    if (get(from + 10, 2) != 0 || get(from + 12, 4) != GX_SEGMENT_HEADER)
        return "the segment asks for something that this program does not know";
    if (get(from + 72, 8) != XXH3_64bits(from, 72))
        return "the segment's header is damaged";
    memcpy(h->id, from + 16, sizeof h->id);
    h->segment = get(from + 32, 8);
    h->salt = get(from + 40, 8);
    h->first_lsn = get(from + 48, 8);
    h->before = get(from + 56, 8);
    h->replaces = get(from + 64, 8);
    return NULL;
}

/* Over the payload with its padding, seeded by that over the header without its check, seeded by
 * salt and number. */
static uint64_t record_check(
    const unsigned char *record, uint32_t length, uint64_t salt, uint64_t lsn)
{
    const uint64_t header =
        XXH3_64bits_withSeed(record, 32, GX_PLANTED(GX_PLANT_UNSEEDED_CHECK) ? 0 : salt + lsn);
    return XXH3_64bits_withSeed(
        record + GX_RECORD_HEADER, (size_t)(gx_record_size(length) - GX_RECORD_HEADER), header);
}

uint64_t gx_record_encode(unsigned char *to, uint8_t type, const void *payload, uint32_t length,
    const gx_record_place *place, uint64_t salt)
{
    const size_t size = (size_t)gx_record_size(length);
    to[0] = type;
    to[1] = 1;
    put(to + 2, 0, 2);
    put(to + 4, length, 4);
    put(to + 8, place->lsn, 8);
    put(to + 16, place->before, 8);
    put(to + 24, place->durable, 8);
    if (length > 0)
        memcpy(to + GX_RECORD_HEADER, payload, length);
    memset(to + GX_RECORD_HEADER + length, 0, size - GX_RECORD_HEADER - length);
    const uint64_t check = record_check(to, length, salt, place->lsn);
    put(to + 32, check, 8);
    return check;
}

const char *gx_record_decode(const unsigned char *from, uint64_t size, uint64_t salt, uint64_t lsn,
    uint64_t before, gx_log_record *record)
{
    if (size < GX_RECORD_HEADER)
        return "the record's header is cut off";
    const uint32_t length = (uint32_t)get(from + 4, 4);
    if (from[0] == 0)
        return "there is no record";
    if (from[0] > GX_LOG_GROUP || from[1] != 1 || get(from + 2, 2) != 0 ||
        length > GX_LOG_MAX_PAYLOAD)
        return "the record's header is damaged, or of a newer program";
    if (gx_record_size(length) > size)
        return "the record is cut off";
    record->type = from[0];
    record->length = length;
    record->lsn = get(from + 8, 8);
    record->check = get(from + 32, 8);
    record->payload = from + GX_RECORD_HEADER;
    if (record->check != record_check(from, length, salt, record->lsn))
        return "the record's checksum does not fit its bytes";
    if (lsn != 0 && record->lsn != lsn)
        return "the record's number does not follow the one before";
    if (lsn != 0 && get(from + 16, 8) != before)
        return "the record does not belong behind the one before";
    return NULL;
}

uint64_t gx_record_durable(const unsigned char *from)
{
    return get(from + 24, 8);
}

uint64_t gx_record_before(const unsigned char *from)
{
    return get(from + 16, 8);
}

void gx_segment_name(char name[24], uint64_t segment)
{
    snprintf(name, 24, "log-%016" PRIx64, segment);
}

uint64_t gx_segment_of_name(const char *name)
{
    if (strncmp(name, "log-", 4) != 0 || strlen(name) != 20)
        return 0;
    uint64_t segment = 0;
    for (const char *p = name + 4; *p != '\0'; p++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, *p);
        if (at == NULL)
            return 0;
        segment = segment << 4 | (uint64_t)(at - digits);
    }
    return segment;
}
