/* The three files of a Graphalytics graph, one after the other in the input, with NUL bytes between. */
#include <string.h>

#include "tests/fuzz/fuzz_format.h"

static char folder[] = "/tmp/gx-fuzz-XXXXXX";

static void leave(void)
{
    static const char *const names[] = {"g.properties", "g.v", "g.e"};
    if (chdir(folder) != 0)
        return;
    for (int i = 0; i < 3; i++)
        (void)unlink(names[i]);
    (void)rmdir(folder);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool there;
    const uint8_t *end = data + size;
    const uint8_t *first = memchr(data, 0, size);
    const uint8_t *second = first != NULL ? memchr(first + 1, 0, (size_t)(end - first - 1)) : NULL;
    if (second == NULL)
        return 0;
    if (!there && mkdtemp(folder) == NULL)
        abort();
    if (!there)
        atexit(leave);
    there = true;
    put("g.properties", data, (size_t)(first - data));
    put("g.v", first + 1, (size_t)(second - first - 1));
    put("g.e", second + 1, (size_t)(end - second - 1));
    char path[64];
    snprintf(path, sizeof path, "%s/g.properties", folder);
    const gx_read_options options = {.negative_weights = true};
    gx_memory_set_limit(UINT64_C(64) << 20);
    gx_graph_free(fuzz_read(path, &options));
    gx_warnings_clear();
    return 0;
}
