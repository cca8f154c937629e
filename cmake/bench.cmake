# What tools/bench builds beside the program; not part of `all`.
add_executable(igraph_peer EXCLUDE_FROM_ALL tools/peers/igraph.c)
target_link_libraries(igraph_peer PRIVATE gx_flags PkgConfig::IGRAPH m)
add_executable(probe EXCLUDE_FROM_ALL tools/peers/probe.c)
target_link_libraries(probe PRIVATE gx_tools ${METIS_LIBRARY} m)
add_executable(live_peer EXCLUDE_FROM_ALL tools/peers/live.c)
target_link_libraries(live_peer PRIVATE gx_tools ${METIS_LIBRARY} m)
add_custom_target(peers DEPENDS igraph_peer probe live_peer)
