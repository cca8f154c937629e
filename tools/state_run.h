/* `graphx-run state` over the folder of a batch run. */
#ifndef GX_TOOLS_STATE_RUN_H
#define GX_TOOLS_STATE_RUN_H

#include "tools/tools.h"

/* Are there checkpoints of a batch run in it? */
bool gx_state_is_run(const char *folder);

/* show, verify; the other words have nothing to do there: GX_EUSAGE.
 * Errors  GX_EDATA verify found damage; GX_EIO, GX_ENOMEM */
gx_status gx_state_of_run(const char *word, const char *folder, const gx_options *o, gx_error *err);

#endif
