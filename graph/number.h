/* Numbers as text, both ways, exactly: the parser and the printer are ours because they are the bulk of the work. */
#ifndef GX_GRAPH_NUMBER_H
#define GX_GRAPH_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse all of text[0 .. length) : digits only, no sign, no blanks; false if it is anything else or above 2^64-1. */
bool gx_parse_u64(const char *text, size_t length, uint64_t *value);
bool gx_parse_i64(const char *text, size_t length, int64_t *value); /* with a sign */

/* The nearest double (ties to even) of a decimal number, with sign, point, exponent, inf or nan; false if anything is left
 * over. The fast path (up to 19 digits, small exponents) never calls strtod; the rest does, in the C locale. */
bool gx_parse_f64(const char *text, size_t length, double *value);

#define GX_NUMBER_TEXT 32 /* bytes that hold any of the texts below */

/* Write without NUL; return the length. gx_print_f64 writes exactly what printf("%.17g") does. */
size_t gx_print_u64(char *to, uint64_t value);
size_t gx_print_i64(char *to, int64_t value);
size_t gx_print_f64(char *to, double value);

#endif
