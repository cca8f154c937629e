/* Which options of a stream make no sense as they are given together. */
#ifndef GX_TOOLS_STREAM_CHECK_H
#define GX_TOOLS_STREAM_CHECK_H

#include "stream/stream.h"
#include "tools/tools.h"

/* What has no effect as given is refused rather than passed over: it was given for something. Errors: GX_EUSAGE with the reason */
gx_status gx_stream_check(const gx_options *o, const gx_stream_options *stream, gx_error *err);

#endif
