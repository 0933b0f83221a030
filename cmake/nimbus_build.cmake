# How every target of the project is built: warnings, sanitizers, and one helper per kind of target.

find_program(NIMBUS_CCACHE ccache)
if(NIMBUS_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${NIMBUS_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${NIMBUS_CCACHE})
endif()

# Symbols and line tables: what a backtrace needs, for a quarter less time to compile than full -g.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

add_library(nimbus_options INTERFACE)
target_compile_options(nimbus_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Werror
  # Designated initialisers leave out what has a default; that is their point.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports overlaps in std::string's operator+ that do not exist (GCC PR105651, PR105329).
  target_compile_options(nimbus_options INTERFACE -Wno-restrict)
else()
  # libstdc++ 12's std::stable_sort calls what it has deprecated itself. What shadows what is g++'s to
  # say: clang also counts static members that nothing hides.
  target_compile_options(nimbus_options INTERFACE -Wno-deprecated-declarations -Wno-shadow
    -Wreserved-identifier)
endif()
target_compile_definitions(nimbus_options INTERFACE _GNU_SOURCE NIMBUS_VERSION="${PROJECT_VERSION}")

set(nimbus_test_timeout 60)
if(NIMBUS_SANITIZE)
  # The unit tests take less time to run without optimisation than it takes to optimise them.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
  set(nimbus_test_timeout 240)
  add_compile_definitions(NIMBUS_SANITIZE)
  add_compile_options(-fsanitize=${NIMBUS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NIMBUS_SANITIZE})
  if(NIMBUS_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # fences, which Asio has, are not followed: a false report at the worst
  endif()
endif()

if(NIMBUS_FUZZ)
  # Coverage for the fuzzer everywhere; its main only where a target is linked (tests/fuzz).
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(NIMBUS_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # A precompiled header from the cache is as good when the headers in it were installed anew.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

# The headers that most sources include are precompiled, which nearly halves the time to build. A source
# that forgets to include one of them fails in `make tidy`, which reads each without them.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/common_headers.cpp CONTENT "")
add_library(nimbus_common_headers OBJECT ${PROJECT_BINARY_DIR}/common_headers.cpp)
target_link_libraries(nimbus_common_headers PRIVATE nimbus_options Boost::json)
target_precompile_headers(nimbus_common_headers PRIVATE
  <boost/json.hpp> <algorithm> <chrono> <condition_variable> <filesystem> <functional> <map> <memory> <mutex>
  <optional> <string> <string_view> <unordered_map> <vector>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Once they are precompiled, GCC 12 takes them for ours and reports overflows in std::string that do
  # not exist (GCC PR105651, PR105329).
  set(nimbus_common_headers_options -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# nimbus_test(<target>)
#
# What unit tests are built with: GoogleTest, its headers and the standard library's precompiled once
# for all of them, and no optimisation, which takes longer than the tests run.
if(NIMBUS_TESTS)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cpp CONTENT "")
  add_library(nimbus_test_headers OBJECT ${PROJECT_BINARY_DIR}/test_headers.cpp)
  target_link_libraries(nimbus_test_headers PRIVATE nimbus_options GTest::gmock GTest::gtest_main)
  target_compile_options(nimbus_test_headers PRIVATE -O0)
  target_precompile_headers(nimbus_test_headers PRIVATE
    <gmock/gmock.h> <algorithm> <chrono> <filesystem> <functional> <map> <string> <thread> <vector>)
endif()
function(nimbus_test target)
  target_link_libraries(${target} PRIVATE nimbus_options GTest::gmock GTest::gtest_main)
  target_compile_options(${target} PRIVATE -O0)
  target_precompile_headers(${target} REUSE_FROM nimbus_test_headers)
endfunction()

# nimbus_library(<folder> SOURCES … [DEPENDS …] [TESTS …] [TEST_DEPENDS …])
#
# One folder below src/ is one static library, `nimbus_<folder>`, with its unit tests beside the
# sources in one executable, `<folder>_test`. DEPENDS are usage requirements: what the folder's
# headers or sources include.
function(nimbus_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(nimbus_${name} STATIC ${arg_SOURCES})
  target_include_directories(nimbus_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(nimbus_${name} PUBLIC ${arg_DEPENDS} PRIVATE nimbus_options)
  target_precompile_headers(nimbus_${name} REUSE_FROM nimbus_common_headers)
  target_compile_options(nimbus_${name} PRIVATE ${nimbus_common_headers_options})
  if(NIMBUS_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE nimbus_${name} ${arg_TEST_DEPENDS})
    nimbus_test(${name}_test)
    gtest_discover_tests(${name}_test PROPERTIES LABELS unit TIMEOUT ${nimbus_test_timeout} DISCOVERY_TIMEOUT 30)
  endif()
endfunction()
