/* Fingerprints of files: a hash in the upper 55 bits, the number of bytes hashed in the 8 below, one bit for the caller. */
#include "stream/fingerprint.h"

#include <xxhash.h>

enum { MOST = 255 };

static uint64_t of(uint64_t inode, const void *head, size_t length)
{
    return (XXH3_64bits_withSeed(head, length, inode) << 9 | (uint64_t)length << 1) | (uint64_t)1
                                                                                          << 63;
}

uint64_t gx_fingerprint(uint64_t inode, const void *head, size_t length)
{
    return of(inode, head, length < MOST ? length : MOST);
}

bool gx_fingerprint_fits(uint64_t print, uint64_t inode, const void *head, size_t length)
{
    const size_t counted = print >> 1 & MOST;
    return counted <= length && (print & ~(uint64_t)1) == of(inode, head, counted);
}
