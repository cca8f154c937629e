/* graphx-run list: what there is, from the plug-in tables. */
#include "stream/sink.h"
#include "stream/source.h"
#include "tools/tools.h"

#include <string.h>

static const gx_option *const tables[] = {gx_options_messages, NULL};

static void add(json_t *list, const char *name, const char *summary)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "summary", summary));
}

static json_t *kind(json_t *all, const char *name)
{
    json_t *list = json_array();
    json_object_set_new(all, name, list);
    return list;
}

static json_t *everything(void)
{
    json_t *all = json_object(), *list = kind(all, "algorithms");
    for (const gx_algorithm *const *a = gx_algorithms; *a != NULL; a++)
        add(list, (*a)->name, (*a)->summary);
    list = kind(all, "partitioners");
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        add(list, (*p)->name, (*p)->summary);
    list = kind(all, "formats");
    for (const gx_format *const *f = gx_formats; *f != NULL; f++) {
        json_t *o = json_pack("{s:s, s:s, s:b, s:b}", "name", (*f)->name, "summary", (*f)->summary,
            "reads", (*f)->read != NULL || (*f)->open != NULL, "writes", (*f)->write != NULL);
        json_array_append_new(list, o);
    }
    list = kind(all, "generators");
    for (const gx_generator *const *g = gx_generators; *g != NULL; g++)
        add(list, (*g)->name, (*g)->summary);
    list = kind(all, "sources");
    for (const gx_source *const *s = gx_sources; *s != NULL; s++)
        add(list, (*s)->name, (*s)->summary);
    list = kind(all, "sinks");
    for (const gx_sink *const *s = gx_sinks; *s != NULL; s++)
        add(list, (*s)->name, (*s)->summary);
    return all;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    (void)operands, (void)operand;
    json_t *all = everything(), *list, *one;
    const char *json = gx_options_string(o, "json"), *name;
    size_t i;
    if (json != NULL)
        return gx_json_write(all, json, err);
    json_object_foreach(all, name, list)
    {
        if (json_array_size(list) == 0)
            continue;
        printf("%s:\n", name);
        json_array_foreach(list, i, one)
        {
            printf("  %-18s%s\n", json_string_value(json_object_get(one, "name")),
                json_string_value(json_object_get(one, "summary")));
        }
        printf("\n");
    }
    json_decref(all);
    return GX_OK;
}

GX_COMMAND(list) = {
    .name = "list",
    .summary = "algorithms, partitioners, formats, generators: what there is",
    .usage = "[--json FILE]",
    .examples = "  graphx-run list\n  graphx-run list --json - | jq -r '.partitioners[].name'\n",
    .tables = tables,
    .run = run,
};
