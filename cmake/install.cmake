# What `cmake --install` puts where: the program with its manual and completions, both libraries, the headers under
# include/graphx/ with their rooms, and what pkg-config and find_package(graphx) read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set_target_properties(graphx-shared PROPERTIES EXPORT_NAME graphx)
set_target_properties(graphx-static PROPERTIES EXPORT_NAME static)
install(TARGETS graphx-shared graphx-static EXPORT graphx
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

foreach(room graph partition engine algorithms stream)
    install(DIRECTORY ${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/graphx
        FILES_MATCHING PATTERN *.h PATTERN *_priv.h EXCLUDE)
endforeach()
install(FILES cmake/graphx.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/graphx)

configure_file(cmake/graphx.pc.in graphx.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/graphx.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/graphx)
configure_package_config_file(cmake/graphxConfig.cmake.in graphxConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(graphxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/graphxConfig.cmake ${CMAKE_BINARY_DIR}/graphxConfigVersion.cmake
    DESTINATION ${package})
install(EXPORT graphx NAMESPACE graphx:: FILE graphxTargets.cmake DESTINATION ${package})

if(TARGET graphx-run)
    install(TARGETS graphx-run DESTINATION ${CMAKE_INSTALL_BINDIR})
    set(texts "")
    function(gx_text name)
        add_custom_command(OUTPUT ${name} COMMAND graphx-run ${ARGN} > ${name} DEPENDS graphx-run VERBATIM)
        set(texts ${texts} ${CMAKE_BINARY_DIR}/${name} PARENT_SCOPE)
    endfunction()
    gx_text(graphx-run.1 help --man)
    gx_text(graphx-run.bash completions bash)
    gx_text(_graphx-run completions zsh)
    gx_text(graphx-run.fish completions fish)
    add_custom_target(texts ALL DEPENDS ${texts})
    install(FILES ${CMAKE_BINARY_DIR}/graphx-run.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${CMAKE_BINARY_DIR}/graphx-run.bash RENAME graphx-run
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    install(FILES ${CMAKE_BINARY_DIR}/_graphx-run DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
    install(FILES ${CMAKE_BINARY_DIR}/graphx-run.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
