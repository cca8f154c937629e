/* Any bytes as sg or wsg: refused or read, written, read again. */
#include "tests/fuzz/fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_format("gap", data, size, true);
}
