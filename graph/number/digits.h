/* Two digits at a time. */
#ifndef GX_GRAPH_NUMBER_DIGITS_H
#define GX_GRAPH_NUMBER_DIGITS_H

extern const char gx_digit_pairs[200]; /* "00" "01" .. "99"; graph/number.c */

#endif
