/* One JSON object: a refusal with words, or an edge. The first byte says which ids and weights. */
#include "tests/fuzz/fuzz_state.h"

#include <math.h>

#include "stream/ndjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1 << 16)
        return 0;
    const bool text = data[0] & 1;
    const gx_read_options read = {.columns = "src,dst",
        .ids = text ? GX_IDS_STRING : GX_IDS_U64,
        .time_unit = (data[0] & 2) != 0 ? "ms" : "s",
        .negative_weights = (data[0] & 4) != 0};
    gx_ndjson *j = NULL;
    gx_error err = {0};
    fuzz_begin();
    if (gx_ndjson_new(&read, (data[0] & 8) != 0, &j, &err) != GX_OK)
        abort();
    char *line = malloc(size - 1); /* to the byte, so that reading behind it shows */
    memcpy(line, data + 1, size - 1);
    for (int again = 0; again < 2; again++) {
        gx_text_edge edge = {0};
        const gx_status st = gx_ndjson_line(j, line, line + size - 1, &edge, &err);
        if (st != GX_OK && err.message[0] == '\0')
            abort();
        if (st == GX_OK && edge.has_weight &&
            (!isfinite(edge.weight) || (edge.weight < 0 && !read.negative_weights)))
            abort();
        if (st == GX_OK && text && edge.src_text.length > 0 &&
            !gx_is_utf8(edge.src_text.at, edge.src_text.length))
            abort();
    }
    free(line);
    gx_ndjson_free(j);
    return fuzz_end();
}
