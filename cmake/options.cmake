# Warnings, hardening and sanitizers, as one interface target that every target of ours links.
add_library(gx_flags INTERFACE)
target_compile_options(gx_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef -Wformat=2 -Wcast-qual
    -Wstrict-prototypes -Wmissing-prototypes -fno-strict-aliasing
    $<$<BOOL:${GX_WERROR}>:-Werror>)
target_compile_definitions(gx_flags INTERFACE _GNU_SOURCE)
if(GX_SANITIZE)
    target_compile_options(gx_flags INTERFACE -fsanitize=${GX_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all -O1)
    target_link_options(gx_flags INTERFACE -fsanitize=${GX_SANITIZE})
else()
    target_compile_options(gx_flags INTERFACE -fstack-protector-strong -fstack-clash-protection
        -fcf-protection $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
    target_link_options(gx_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack
        $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
endif()
if(GX_FUZZ)
    target_compile_options(gx_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
