# Uses libnimbus from outside, both ways, and has the executables describe themselves.
#   cmake -DPREFIX=… -DEXAMPLES=… -DBINARY=… -DCXX=… -P package_test.cmake

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY})

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(expect_project executable name)
  run(${CMAKE_COMMAND} -E env NIMBUS_MANIFEST_OUT=${BINARY}/manifest.json ${executable})
  file(READ ${BINARY}/manifest.json manifest)
  string(JSON project GET "${manifest}" project)
  if(NOT project STREQUAL name)
    message(FATAL_ERROR "${executable} describes the project ${project}, not ${name}")
  endif()
endfunction()

# With CMake: find_package(nimbus), nimbus_add_app, and unit tests against nimbus::nimbus.
foreach(example greeting reminders starter)
  run(${CMAKE_COMMAND} -S ${EXAMPLES}/${example} -B ${BINARY}/${example}
    -DCMAKE_PREFIX_PATH=${PREFIX} -DCMAKE_CXX_COMPILER=${CXX} -DBUILD_TESTING=ON)
  run(${CMAKE_COMMAND} --build ${BINARY}/${example})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${BINARY}/${example} --output-on-failure)
  expect_project(${BINARY}/${example}/bootstrap ${example})
endforeach()

# A project that states no version of CMake, too, becomes a static program.
set(bare ${BINARY}/bare)
set(bare_lists "find_package(nimbus)\nnimbus_add_app(bare ${EXAMPLES}/sql/main.cpp)\n")
file(WRITE ${bare}/CMakeLists.txt "${bare_lists}")
set(configure_bare ${CMAKE_COMMAND} -S ${bare} -B ${bare}/build -DCMAKE_PREFIX_PATH=${PREFIX}
  -DCMAKE_CXX_COMPILER=${CXX} -Wno-dev)
run(${configure_bare})
run(${CMAKE_COMMAND} --build ${bare}/build)
expect_project(${bare}/build/bootstrap sql-demo)

# A project has one application.
file(APPEND ${bare}/CMakeLists.txt "nimbus_add_app(second main.cpp)\n")
execute_process(COMMAND ${configure_bare} RESULT_VARIABLE result ERROR_VARIABLE errors)
string(REGEX REPLACE "[ \n]+" " " errors "${errors}")
if(result EQUAL 0 OR NOT errors MATCHES "already has the application 'bare', and a project has one")
  message(FATAL_ERROR "A second application is not refused: ${errors}")
endif()

# Without CMake: a single main.cpp and the flag files.
foreach(kind compile link)
  file(READ ${PREFIX}/lib/nimbus/${kind}-flags flags)
  string(STRIP "${flags}" flags)
  string(REPLACE "@PREFIX@" "${PREFIX}" flags "${flags}")
  separate_arguments(${kind}_flags UNIX_COMMAND "${flags}")
endforeach()
run(${CXX} ${compile_flags} ${EXAMPLES}/sql/main.cpp ${link_flags} -o ${BINARY}/bootstrap)
expect_project(${BINARY}/bootstrap sql-demo)
