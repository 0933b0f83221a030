# Builds an application from outside with find_package(nimbus), runs its unit tests, and has the
# executable describe itself.
#   cmake -DPREFIX=… -DSOURCE=… -DBINARY=… -P package_test.cmake

file(REMOVE_RECURSE ${BINARY})
foreach(command IN ITEMS
    "${CMAKE_COMMAND};-S;${SOURCE};-B;${BINARY};-DCMAKE_PREFIX_PATH=${PREFIX};-DBUILD_TESTING=ON"
    "${CMAKE_COMMAND};--build;${BINARY}"
    "${CMAKE_CTEST_COMMAND};--test-dir;${BINARY};--output-on-failure"
    "${CMAKE_COMMAND};-E;env;NIMBUS_MANIFEST_OUT=${BINARY}/manifest.json;${BINARY}/bootstrap")
  execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(READ ${BINARY}/manifest.json manifest)
string(JSON project GET "${manifest}" project)
if(NOT project STREQUAL "greeting")
  message(FATAL_ERROR "the manifest names the project ${project}")
endif()
