/* What tells a file from another of the same name: its inode and its first bytes. */
#ifndef GX_STREAM_FINGERPRINT_H
#define GX_STREAM_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a file whose first `length` bytes (unpacked) are known; at most 255 of them count, and how many did is part of it, so that
 * a file that has grown since is still itself. Bit 0 is left to the caller, and is 0. Never 0. */
uint64_t gx_fingerprint(uint64_t inode, const void *head, size_t length);

/* Is it the fingerprint of such a file? Bit 0 does not count. */
bool gx_fingerprint_fits(uint64_t print, uint64_t inode, const void *head, size_t length);

/* A line that was taken without its end, since it was the file's last, and what stands behind it now [length]: does the line go on? */
static inline bool gx_line_goes_on(char last_taken, const char *next, size_t length)
{
    return last_taken != '\n' && length > 0 && next[0] != '\n' && next[0] != '\r';
}

#endif
