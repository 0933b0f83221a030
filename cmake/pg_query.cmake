# libpg_query: PostgreSQL's parser as a library, built from the source that scripts/install-dependencies
# fetches. Its major version is that of the server that the local cloud runs (a test says so).

set(pg_query_cache "$ENV{XDG_CACHE_HOME}")
if(NOT pg_query_cache)
  set(pg_query_cache "$ENV{HOME}/.cache")
endif()
set(NIMBUS_PG_QUERY_SOURCE "${pg_query_cache}/nimbus-build/libpg_query-16-5.1.0" CACHE PATH
  "Source of libpg_query 16")
if(NOT EXISTS ${NIMBUS_PG_QUERY_SOURCE}/pg_query.h)
  message(FATAL_ERROR "There is no source of libpg_query in ${NIMBUS_PG_QUERY_SOURCE}. "
    "'make deps' fetches it; or set NIMBUS_PG_QUERY_SOURCE to where it is.")
endif()

# What its Makefile builds of it.
file(GLOB pg_query_sources
  ${NIMBUS_PG_QUERY_SOURCE}/src/*.c ${NIMBUS_PG_QUERY_SOURCE}/src/postgres/*.c)
add_library(pg_query STATIC EXCLUDE_FROM_ALL ${pg_query_sources}
  ${NIMBUS_PG_QUERY_SOURCE}/vendor/protobuf-c/protobuf-c.c
  ${NIMBUS_PG_QUERY_SOURCE}/vendor/xxhash/xxhash.c
  ${NIMBUS_PG_QUERY_SOURCE}/protobuf/pg_query.pb-c.c)
target_include_directories(pg_query SYSTEM INTERFACE ${NIMBUS_PG_QUERY_SOURCE})
target_include_directories(pg_query PRIVATE ${NIMBUS_PG_QUERY_SOURCE} ${NIMBUS_PG_QUERY_SOURCE}/vendor
  ${NIMBUS_PG_QUERY_SOURCE}/src/include ${NIMBUS_PG_QUERY_SOURCE}/src/postgres/include)
# The code relies on wrapping integers and on types that alias. It is optimised in every build, for the
# stacks that it runs on are small. What the sanitizers would say of it is not ours to mend.
target_compile_options(pg_query PRIVATE -w -O2 -g1 -fno-strict-aliasing -fwrapv)
if(NIMBUS_SANITIZE OR NIMBUS_FUZZ)
  target_compile_options(pg_query PRIVATE -fno-sanitize=all)
endif()
