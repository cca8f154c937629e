/* The formats edgelist and csv: dialects, columns, headers, properties, text ids, every error with its place, bad lines,
 * windows and pieces of any size, and what is written is read again. */
#include "graph/format.h"
#include "graph/formats/edgelist/reader.h"
#include "graph/parallel.h"
#include "graph/progress.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static gx_error err;

/* A file of these bytes; its path stays good until the next call. */
static const char *file_of(const char *bytes, size_t length)
{
    static char path[64];
    static int fd = -1;
    if (fd >= 0)
        close(fd);
    fd = memfd_create("edges", 0);
    ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

static gx_status read_bytes(const char *bytes, size_t length, gx_read_options options, gx_graph **g)
{
    err = (gx_error){0};
    *g = NULL;
    return gx_graph_read(file_of(bytes, length), &options, g, &err);
}

/* The graph as text: "u v [w] [t]; ..." in the order of its edges. */
static const char *shown(const gx_graph *g)
{
    static char text[1 << 20];
    size_t n = 0;
    text[0] = '\0';
    for (uint64_t e = 0; e < g->edges.m; e++) {
        char a[GX_ID_TEXT], b[GX_ID_TEXT];
        size_t a_length, b_length;
        const char *u = gx_ids_text(&g->ids, g->edges.src[e], a, &a_length);
        const char *v = gx_ids_text(&g->ids, g->edges.dst[e], b, &b_length);
        n += (size_t)sprintf(
            text + n, "%s%.*s %.*s", e > 0 ? "; " : "", (int)a_length, u, (int)b_length, v);
        if (g->edges.weight != NULL)
            n += (size_t)sprintf(text + n, " %g", g->edges.weight[e]);
        if (g->edges.time != NULL)
            n += (size_t)sprintf(text + n, " @%" PRId64, g->edges.time[e]);
    }
    return text;
}

static void check_read(const char *text, gx_read_options options, const char *expected)
{
    gx_graph *g;
    const gx_status st = read_bytes(text, strlen(text), options, &g);
    ck_assert_msg(st == GX_OK, "\"%s\": %s", text, err.message);
    ck_assert_str_eq(shown(g), expected);
    gx_graph_free(g);
}

#define PLAIN ((gx_read_options){0})
#define COLUMNS(text) ((gx_read_options){.columns = text})
#define TEXT_IDS ((gx_read_options){.ids = GX_IDS_STRING})
#define CSV ((gx_read_options){.format = "csv"})

START_TEST(dialects)
{
    const char *same[] = {"1 2\n3 4\n", "1 2\n3 4", "1\t2\n3\t4\n", "1,2\n3,4\n", "1;2\n3;4\n",
        "1, 2\n3 ,4\n", "1 2\r\n3 4\r\n", "1 2\r3 4\r", "1 2\r3 4",
        ("\xef\xbb\xbf"
         "1 2\n3 4\n"),
        "  1   2  \n\t3 \t 4\t\n", "\n\n1 2\n\n \t \n3 4\n\n", "# a\n% b\n// c\n1 2\n  # d\n3 4\n#",
        "source,target\n1,2\n3,4\n", "from to\n1 2\n3 4\n", "# c\n\nu;v\r\n1;2\r\n3;4\r\n",
        "FromNodeId\tToNodeId\n1\t2\n3\t4\n", "\"source\",\"target\"\n\"1\",\"2\"\n3,\"4\"\n",
        "000000000000000000000000000001 2\n3 00004\n", "1 2,\n3 4 ,\n", "target,source\n2,1\n4,3\n",
        "id,source,target\n9,1,2\n9,3,4\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        check_read(same[i], PLAIN, "1 2; 3 4");
    const char *same_csv[] = {"source,target\n1,2\n3,4\n", "1,2\n3,4\n", " 1 , 2 \n3,4", "1;2\n3;4",
        "1\t2\n3\t4", "1 2\n3 4", "\"1\",\"2\"\n3,4"};
    for (size_t i = 0; i < sizeof same_csv / sizeof *same_csv; i++)
        check_read(same_csv[i], CSV, "1 2; 3 4");
    check_read("18446744073709551615 9223372036854775808\n12345678 123456789\n1234567890123456 "
               "12345678901234567\n",
        PLAIN,
        "18446744073709551615 9223372036854775808; 12345678 123456789; 1234567890123456 "
        "12345678901234567");
    ck_assert_uint_eq(gx_warnings(), 0);
}
END_TEST

START_TEST(columns)
{
    check_read("1 2 .5\n3 4 1e3\n", COLUMNS("src,dst,weight"), "1 2 0.5; 3 4 1000");
    check_read("1,2,.5\r\n3,4,1e3\r\n", COLUMNS("src,dst,weight"), "1 2 0.5; 3 4 1000");
    check_read("9 1 .5 2\n9 3 0 4\n", COLUMNS("_,src,weight,dst"), "1 2 0.5; 3 4 0");
    check_read("2 1\n4 3\n", COLUMNS("dst,src"), "1 2; 3 4");
    check_read("1 2 7\n3 4 -1.25\n", COLUMNS("src,dst,time"), "1 2 @7000000000; 3 4 @-1250000000");
    check_read("1 2 7 8\n",
        ((gx_read_options){.columns = "src,dst,weight,time", .time_unit = "ms"}), "1 2 7 @8000000");
    check_read("1 2 7.0015\n", ((gx_read_options){.columns = "src,dst,time", .time_unit = "us"}),
        "1 2 @7001");
    check_read("1 2 9223372036854775807\n",
        ((gx_read_options){.columns = "src,dst,time", .time_unit = "ns"}),
        "1 2 @9223372036854775807");
    check_read("a,to,cost,from\nx,2,.5,1\n", COLUMNS("src=from,dst=to,weight=cost"), "1 2 0.5");
    check_read(
        "\"my from\",\"to \"\"x\"\"\"\n1,2\n", COLUMNS("src=my from,dst=to \"\"x\"\""), "1 2");
    check_read("source,target,weight\n1,2,3\n", PLAIN, "1 2 3");
    check_read("t,w,u,v\n1,2,3,4\n", PLAIN, "3 4 2 @1000000000");
    check_read("source,target,weight\n1,2,3\n", COLUMNS("src,dst,_"), "1 2");
    check_read("1 2 -3\n",
        ((gx_read_options){.columns = "src,dst,weight", .negative_weights = true}), "1 2 -3");
    ck_assert_uint_eq(gx_warnings(), 0);
    check_read("1 2 -3\n1 2 4\n", PLAIN, "1 2; 1 2");
    ck_assert_uint_eq(gx_warnings(), 1);
    ck_assert_ptr_nonnull(strstr(gx_warning(0), "--columns"));
    gx_warnings_clear();
}
END_TEST

START_TEST(text_ids)
{
    check_read("ann bob\nbob zo\xc3\xab\n", TEXT_IDS, "ann bob; bob zo\xc3\xab");
    check_read("1 01\n", TEXT_IDS, "1 01");
    check_read("source target\n", TEXT_IDS, "source target");
    check_read("\"a b\" c\n", TEXT_IDS, "a b c");
    check_read("a:b,\"x \"\"y\"\" z\"\n", TEXT_IDS, "a:b x \"y\" z");
    check_read("from,to,w\na,b,2\n",
        ((gx_read_options){.ids = GX_IDS_STRING, .columns = "src=from,dst=to,weight=w"}), "a b 2");
    check_read("ann smith,bob\n", ((gx_read_options){.ids = GX_IDS_STRING, .format = "csv"}),
        "ann smith bob");
    check_read(
        "source,target\na,b\n", ((gx_read_options){.ids = GX_IDS_STRING, .format = "csv"}), "a b");
    check_read("-1 +2\n", TEXT_IDS, "-1 +2");
    check_read(
        "a b 3\n", ((gx_read_options){.ids = GX_IDS_STRING, .columns = "src,dst,weight"}), "a b 3");
}
END_TEST

START_TEST(properties)
{
    gx_graph *g;
    gx_read_options options = {.columns = "src,label:string,dst,n:i64,ok:bool,x:f64"};
    const char *text = "1 red 2 -5 true 1.5\n# c\n3 \"dark \"\"b\"\"\" 4 7 0 inf\n";
    ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_OK);
    ck_assert_str_eq(shown(g), "1 2; 3 4");
    ck_assert_uint_eq(g->edge.count, 4);
    const gx_column *label = gx_columns_find(&g->edge, "label"),
                    *n = gx_columns_find(&g->edge, "n");
    const gx_column *ok = gx_columns_find(&g->edge, "ok"), *x = gx_columns_find(&g->edge, "x");
    ck_assert_int_eq(label->type, GX_COLUMN_STRING);
    ck_assert_uint_eq(label->n, 2);
    ck_assert_uint_eq(label->offset[2], 3 + 8);
    ck_assert_mem_eq(label->bytes, "reddark \"b\"", 11);
    ck_assert_int_eq(n->i64[0], -5);
    ck_assert_int_eq(n->i64[1], 7);
    ck_assert_uint_eq(ok->boolean[0], 1);
    ck_assert_uint_eq(ok->boolean[1], 0);
    ck_assert_double_eq(x->f64[0], 1.5);
    ck_assert(x->f64[1] > 1e308);
    gx_graph_free(g);
    options.columns = "src=u,dst=v,when:i64";
    ck_assert_int_eq(read_bytes("when,v,u\n5,2,1\n", 15, options, &g), GX_OK);
    ck_assert_str_eq(shown(g), "1 2");
    ck_assert_int_eq(gx_columns_find(&g->edge, "when")->i64[0], 5);
    gx_graph_free(g);
}
END_TEST

static void check_error(const char *text, size_t length, gx_read_options options, gx_status status,
    uint64_t line, uint64_t column, const char *why, const char *hint)
{
    gx_graph *g;
    for (size_t way = 0; way < 2; way++) {
        gx_text_force(way == 0 ? 0 : 64, way == 0 ? 0 : 7);
        const uint64_t held = gx_memory_held();
        const gx_status st = read_bytes(text, length, options, &g);
        gx_text_force(0, 0);
        ck_assert_msg(
            st == status, "\"%.60s\": status %d, not %d (%s)", text, st, status, err.message);
        ck_assert_msg(err.line == line && err.column == column, "\"%.60s\": at %d:%d, not %d:%d",
            text, (int)err.line, (int)err.column, (int)line, (int)column);
        ck_assert_msg(strstr(err.message, why) != NULL, "\"%.60s\": \"%s\" without \"%s\"", text,
            err.message, why);
        ck_assert_msg(strstr(err.hint, hint) != NULL, "\"%.60s\": hint \"%s\" without \"%s\"", text,
            err.hint, hint);
        ck_assert_uint_eq(gx_memory_held(), held);
    }
}

START_TEST(errors)
{
    const gx_read_options weighted = COLUMNS("src,dst,weight");
    const struct {
        const char *text;
        gx_read_options options;
        uint64_t line, column;
        const char *why, *hint;
    } cases[] = {
        {"1 2\n3 abc\n", PLAIN, 2, 3, "target \"abc\" is not a number", "--ids string"},
        {"1 abc\n", PLAIN, 1, 3, "target \"abc\" is not a number", "--ids string"},
        {"1 2\nsource target\n", PLAIN, 2, 1, "source \"source\" is not a number", "--ids string"},
        {"# c\r\n\r\n1 2\r\n  x 2\r\n", PLAIN, 4, 3, "source \"x\"", "--ids string"},
        {"1 2\r3 4\r5 x\r", PLAIN, 3, 3, "target \"x\"", "--ids string"},
        {"1 2\n3\n", PLAIN, 2, 2, "target is missing", "source and a target"},
        {"1 2\n3 \n", PLAIN, 2, 3, "target is missing", ""},
        {"1\n", PLAIN, 1, 2, "target is missing", ""},
        {"1,,2\n", PLAIN, 1, 3, "target is missing", ""},
        {",1,2\n", CSV, 1, 1, "source is missing", ""},
        {"1 -2\n", PLAIN, 1, 3, "target \"-2\" has a sign", "--ids string"},
        {"+1 2\n", PLAIN, 1, 1, "source \"+1\" has a sign", "--ids string"},
        {"1 18446744073709551616\n", PLAIN, 1, 3, "above 18446744073709551615", "--ids string"},
        {"1 2.5\n", PLAIN, 1, 3, "target \"2.5\" is not a number", ""},
        {"17 23 abc\n", weighted, 1, 7, "weight \"abc\" is not a number",
            "the third column is read as a weight; use --columns src,dst to ignore it"},
        {"1 2 nan\n", weighted, 1, 5, "weight \"nan\" is not finite", "third"},
        {"1 2 -inf\n", weighted, 1, 5, "weight \"-inf\" is not finite", "third"},
        {"1 2 1e999\n", weighted, 1, 5, "weight \"1e999\" is not finite", "third"},
        {"1 2 3\n1 2 -3\n", weighted, 2, 5, "weight \"-3\" is negative", "third"},
        {"1 2\n", weighted, 1, 4, "weight is missing", "--columns src,dst"},
        {"1 2 x\n", COLUMNS("src,dst,time"), 1, 5, "time \"x\" is not a number", "third"},
        {"1 2 1.x\n", COLUMNS("src,dst,time"), 1, 5, "time \"1.x\" is not a number", "third"},
        {"1 2 9223372036854775807\n", COLUMNS("src,dst,time"), 1, 5, "out of range", "--time-unit"},
        {"1 2 99999999999999999999\n", COLUMNS("src,dst,time"), 1, 5, "out of range",
            "--time-unit"},
        {"1 2 1.5\n", COLUMNS("src,dst,n:i64"), 1, 5, "n \"1.5\" is not a whole number", "_"},
        {"1 2 maybe\n", COLUMNS("src,dst,ok:bool"), 1, 5, "ok \"maybe\" is not 0, 1, false or true",
            "_"},
        {"1 2\na\xff b\n", TEXT_IDS, 2, 1, "not valid UTF-8", "iconv"},
        {"a \"b\n", TEXT_IDS, 1, 3, "quoted text does not end", "twice"},
        {"a \"b\"c\n", TEXT_IDS, 1, 3, "quoted text does not end", "twice"},
        {"x,y\n1,2\n", COLUMNS("src=x,dst=z"), 1, 1, "no column \"z\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_error(cases[i].text, strlen(cases[i].text), cases[i].options,
            strstr(cases[i].why, "no column") != NULL ? GX_EUSAGE : GX_EDATA, cases[i].line,
            cases[i].column, cases[i].why, cases[i].hint);
    check_error("1 2\n3 4 \0 5\n", 12, PLAIN, GX_EDATA, 2, 5, "NUL", "--format");
    check_error("\0\0\0\0", 4, PLAIN, GX_EDATA, 1, 1, "NUL", "--format");
    check_error("1 2\n# \0\n", 8, PLAIN, GX_EDATA, 2, 3, "NUL", "--format");
    check_error("", 0, PLAIN, GX_EDATA, 0, 0, "", "");
    check_error("# nothing\n", 10, PLAIN, GX_EDATA, 0, 0, "", "");
    check_error("1 2\n5 5\n", 8, (gx_read_options){.loops = GX_LOOPS_ERROR}, GX_EDATA, 2, 1, "loop",
        "--loops");
    check_error("a b\n# c\n\"x\" x\n", 14,
        (gx_read_options){.loops = GX_LOOPS_ERROR, .ids = GX_IDS_STRING}, GX_EDATA, 3, 1, "loop",
        "--loops");
}
END_TEST

START_TEST(long_lines)
{
    gx_graph *g;
    char *text = malloc((3 << 20) + 10);
    size_t n = 0;
    for (int i = 0; i < 4096; i++)
        n += (size_t)sprintf(text + n, "%d ", i);
    text[n++] = '\n';
    ck_assert_int_eq(read_bytes(text, n, PLAIN, &g), GX_OK);
    gx_graph_free(g);
    n = (size_t)sprintf(text + n - 1, "4096\n") + n - 1;
    ck_assert_int_eq(read_bytes(text, n, PLAIN, &g), GX_EDATA);
    ck_assert_ptr_nonnull(strstr(err.message, "4096 columns"));
    ck_assert_uint_eq(err.line, 1);
    memset(text, 'x', (3 << 20) + 10); /* in one window, and over several */
    memcpy(text, "1 2\n3 4 ", 8);
    for (size_t length = (1 << 20) + 9; length <= (3 << 20); length *= 2) {
        text[length - 1] = '\n';
        ck_assert_int_eq(read_bytes(text, length, PLAIN, &g), GX_EDATA);
        ck_assert_ptr_nonnull(strstr(err.message, "1 MiB"));
        ck_assert_uint_eq(err.line, 2);
        text[length - 1] = 'x';
    }
    text[(1 << 20) + 4] = '\n';
    ck_assert_int_eq(read_bytes(text, (1 << 20) + 5, PLAIN, &g), GX_OK);
    ck_assert_str_eq(shown(g), "1 2; 3 4");
    gx_graph_free(g);
    gx_warnings_clear();
    free(text);
}
END_TEST

START_TEST(usage_errors)
{
    gx_graph *g;
    const char *wrong[] = {"src", "dst,weight", "src,dst,foo", "src,dst,src", "src,dst,x:float",
        "src,dst,:i64", "", "src,dst,", "src=a,dst", "foo=a,dst=b", "src=,dst=b",
        "src,dst,a:i64,a:f64", "_,_"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(
            read_bytes("1 2\n", 4, COLUMNS(wrong[i]), &g) == GX_EUSAGE, "--columns %s", wrong[i]);
        ck_assert_ptr_nonnull(strstr(err.message, "--columns"));
        ck_assert_str_ne(err.hint, "");
    }
    ck_assert_int_eq(read_bytes("1 2\n", 4, (gx_read_options){.time_unit = "m"}, &g), GX_EUSAGE);
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

START_TEST(bad_lines)
{
    gx_graph *g;
    char path[] = "/tmp/gx-bad-XXXXXX", kept[100] = "";
    close(mkstemp(path));
    const char *text = "1 2\nx 3\n3 4\r\n5\r\n\n6 -7\n8 9";
    gx_read_options options = {.skip_bad = true, .bad_path = path};
    for (size_t way = 0; way < 2; way++) {
        gx_text_force(way == 0 ? 0 : 40, way == 0 ? 0 : 5);
        ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_OK);
        ck_assert_str_eq(shown(g), "1 2; 3 4; 8 9");
        ck_assert_uint_eq(g->input.bad, 3);
        ck_assert_uint_eq(g->input.lines, 7);
        ck_assert_uint_eq(g->input.edges, 3);
        ck_assert_uint_eq(g->input.bytes, strlen(text));
        gx_graph_free(g);
        FILE *f = fopen(path, "r");
        kept[fread(kept, 1, sizeof kept - 1, f)] = '\0';
        fclose(f);
        ck_assert_str_eq(kept, "x 3\n5\n6 -7\n");
    }
    unlink(path);
    options = (gx_read_options){.skip_bad = true, .max_errors = 3};
    ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_OK);
    gx_graph_free(g);
    options.max_errors = 2;
    ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_EDATA);
    ck_assert_uint_eq(err.line, 6);
    ck_assert_uint_eq(err.column, 3);
    ck_assert_ptr_nonnull(strstr(err.hint, "--max-errors 2"));
    gx_text_force(0, 0);
    options = (gx_read_options){.skip_bad = true, .bad_path = "/no/such/folder/bad"};
    ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_ECREATE);
    ck_assert_int_eq(read_bytes("x\ny\n", 4, (gx_read_options){.skip_bad = true}, &g),
        GX_EDATA); /* nothing is left */
    ck_assert_uint_eq(gx_memory_held(), 0);
}
END_TEST

static size_t line_of_kind(char *to, uint32_t kind, uint32_t u, uint32_t v)
{
    switch (kind) {
    case 0:
        return (size_t)sprintf(to, "%u %u\n", u, v);
    case 1:
        return (size_t)sprintf(to, "%u\t%u\n", u, v);
    case 2:
        return (size_t)sprintf(to, " %u , %u\r\n", u, v);
    case 3:
        return (size_t)sprintf(to, "%u %u 3.25 x\n", u, v);
    case 4:
        return (size_t)sprintf(to, "%u %u\r", u, v);
    case 5:
        return (size_t)sprintf(to, "# %u %u\n", u, v);
    default:
        return (size_t)sprintf(to, "\n");
    }
}

/* The same graph whatever the windows, pieces and threads. */
START_TEST(windows_and_pieces)
{
    static char text[200000], expected[1 << 20];
    size_t n = 0;
    uint64_t edges = 0, comments = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        const uint32_t kind = (i * 2654435761u >> 29) % 7;
        n += line_of_kind(text + n, kind, i % 7 == 0 ? 1000000007 * (i % 3) : i, (i * 7919) % 1000);
        edges += kind < 5;
        comments += kind == 5;
    }
    gx_graph *g;
    gx_set_threads(1);
    ck_assert_int_eq(read_bytes(text, n, PLAIN, &g), GX_OK);
    ck_assert_uint_eq(g->edges.m, edges);
    ck_assert_uint_eq(g->input.comments, comments);
    strcpy(expected, shown(g));
    const uint64_t seen = g->input.lines;
    gx_graph_free(g);
    for (size_t window = 40; window < 5000; window += window / 3)
        for (size_t piece = 1; piece < window; piece += piece / 2 + 5) {
            gx_set_threads(1 + window % 4);
            gx_text_force(window, piece);
            ck_assert_int_eq(read_bytes(text, n, PLAIN, &g), GX_OK);
            ck_assert_str_eq(shown(g), expected);
            ck_assert_uint_eq(g->input.lines, seen);
            ck_assert_uint_eq(g->input.comments, comments);
            gx_graph_free(g);
        }
    gx_text_force(0, 0);
    gx_warnings_clear();
}
END_TEST

/* gx_graph_write, then gx_graph_read. */
static void check_round_trip(
    const char *text, gx_read_options options, const char *ending, const char *written)
{
    gx_graph *g, *again;
    char path[64], bytes[1000];
    snprintf(path, sizeof path, "/tmp/gx-round-%d.%s", (int)getpid(), ending);
    ck_assert_int_eq(read_bytes(text, strlen(text), options, &g), GX_OK);
    ck_assert_int_eq(gx_graph_write(g, path, NULL, NULL, &err), GX_OK);
    FILE *f = fopen(path, "r");
    bytes[fread(bytes, 1, sizeof bytes - 1, f)] = '\0';
    fclose(f);
    ck_assert_str_eq(bytes, written);
    options.format = NULL;
    ck_assert_int_eq(gx_graph_read(path, &options, &again, &err), GX_OK);
    char before[1000];
    strcpy(before, shown(g));
    ck_assert_str_eq(shown(again), before);
    gx_graph_free(g);
    gx_graph_free(again);
    unlink(path);
}

START_TEST(round_trips)
{
    check_round_trip(
        "3 1\n1 18446744073709551615\n", PLAIN, "txt", "3\t1\n1\t18446744073709551615\n");
    check_round_trip("3 1\n1 2\n", PLAIN, "csv", "source,target\n3,1\n1,2\n");
    check_round_trip("3 1 .1\n", COLUMNS("src,dst,weight"), "el", "3\t1\t0.10000000000000001\n");
    check_round_trip(
        "source,target,weight\n3,1,.5\n", CSV, "csv", "source,target,weight\n3,1,0.5\n");
    check_round_trip(
        "\"a b\" \"#c\"\n\"x,\"\"y\" z\n", TEXT_IDS, "txt", "\"a b\"\t\"#c\"\n\"x,\"\"y\"\tz\n");
    check_round_trip(
        "\"a b\" c\n\"x,y\" z\n", TEXT_IDS, "csv", "source,target\na b,c\n\"x,y\",z\n");
}
END_TEST

START_TEST(without_memory)
{
    const gx_read_options all[] = {PLAIN, COLUMNS("src,dst,weight,time,x:string,y:f64"),
        {.ids = GX_IDS_STRING, .columns = "src=u,dst=v,a:string"}};
    const char *text[] = {"1 2\n3 4\n", "1 2 3 4 five 6\n7 8 9 10 11 12\n", "u,v,a\nx,y,z\n"};
    for (size_t i = 0; i < 3; i++)
        for (uint64_t n = 0;; n++) {
            gx_graph *g;
            const char *path = file_of(text[i], strlen(text[i]));
            gx_memory_fail_after(n, false);
            const gx_status st = gx_graph_read(path, &all[i], &g, &err);
            gx_memory_fail_after(UINT64_MAX, false);
            if (st == GX_OK) {
                gx_graph_free(g);
                ck_assert_uint_eq(gx_memory_held(), 0);
                break;
            }
            ck_assert_int_eq(st, GX_ENOMEM);
            ck_assert_uint_eq(gx_memory_held(), 0);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edgelist");
    TCase *tests = tcase_create("edgelist");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, dialects);
    tcase_add_test(tests, columns);
    tcase_add_test(tests, text_ids);
    tcase_add_test(tests, properties);
    tcase_add_test(tests, errors);
    tcase_add_test(tests, long_lines);
    tcase_add_test(tests, usage_errors);
    tcase_add_test(tests, bad_lines);
    tcase_add_test(tests, windows_and_pieces);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, without_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
