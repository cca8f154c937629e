/* Any bytes as an input, packed or not: read in pieces of two sizes and as lines, which must agree. */
#include "graph/input.h"
#include "tests/fuzz/fuzz_format.h"

#include <string.h>

enum { MOST = 4 << 20 };

static gx_status read_pieces(const char *path, size_t piece, char *to, size_t *length)
{
    gx_input *in = NULL;
    size_t got = piece;
    *length = 0;
    gx_status st = gx_input_open(path, &in, NULL);
    while (st == GX_OK && got == piece && *length + piece <= MOST) {
        st = gx_input_read(in, to + *length, piece, &got, NULL);
        *length += st == GX_OK ? got : 0;
    }
    gx_input_close(in);
    return st;
}

/* The lines, each ended by LF; the ends of text[0 .. length) are made so, too. */
static void compare_lines(const char *path, const char *text, size_t length)
{
    gx_input *in = NULL;
    char *line;
    size_t n, at = 0;
    if (gx_input_open(path, &in, NULL) != GX_OK)
        abort();
    while (gx_input_line(in, 0, &line, &n, NULL) == GX_OK && line != NULL) {
        if (n > length - at || memcmp(text + at, line, n) != 0 || line[n] != '\0')
            abort();
        at += n;
        if (at < length && text[at] == '\r' && at + 1 < length && text[at + 1] == '\n')
            at++;
        at += at < length;
    }
    if (at != length)
        abort();
    gx_input_close(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char first[MOST], second[MOST];
    char path[32];
    size_t first_length, second_length;
    gx_memory_set_limit(UINT64_C(256) << 20);
    const int fd = fuzz_file(data, size, path);
    const gx_status st = read_pieces(path, 65536, first, &first_length);
    const gx_status again = read_pieces(path, 4093, second, &second_length);
    if (st != again)
        abort();
    if (st == GX_OK && first_length < MOST - 65536) {
        if (first_length != second_length || memcmp(first, second, first_length) != 0)
            abort();
        compare_lines(path, first, first_length);
    }
    if (gx_memory_held() != 0)
        abort();
    close(fd);
    return 0;
}
