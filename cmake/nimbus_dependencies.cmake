# Debian 12's packages; scripts/install-dependencies installs them.

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
if(NIMBUS_LIBRARY_ONLY)
  return()
endif()
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
# Archives where Debian has them: each shared library takes a part of every start.
find_library(PUGIXML_ARCHIVE libpugixml.a REQUIRED)
set_target_properties(PkgConfig::pugixml PROPERTIES INTERFACE_LINK_LIBRARIES ${PUGIXML_ARCHIVE})

# Loaded when they are used, see base/shared_library.h; only the tests link with libpq.
add_library(curl_headers INTERFACE)
target_include_directories(curl_headers SYSTEM INTERFACE ${CURL_INCLUDE_DIRS})
add_library(pq_headers INTERFACE)
target_include_directories(pq_headers SYSTEM INTERFACE ${PostgreSQL_INCLUDE_DIRS})

find_path(BACKWARD_INCLUDE_DIR backward.hpp REQUIRED)

include(pg_query)

find_path(CCTZ_INCLUDE_DIR cctz/time_zone.h REQUIRED)
find_library(CCTZ_LIBRARY cctz REQUIRED)
add_library(cctz INTERFACE)
target_include_directories(cctz SYSTEM INTERFACE ${CCTZ_INCLUDE_DIR})
target_link_libraries(cctz INTERFACE ${CCTZ_LIBRARY})

if(NIMBUS_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
