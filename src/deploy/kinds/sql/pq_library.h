#pragma once

#include "base/shared_library.h"

#include <libpq-fe.h>

namespace nimbus::deploy::sql {

/// What Nimbus calls of libpq (PostgreSQL 15, chapter 34), loaded with the first session.
class PqLibrary {
    SharedLibrary library_{"libpq.so.5", "libpq5"};

public:
    const decltype(&::PQclear) clear = library_["PQclear"];
    const decltype(&::PQcmdStatus) command_status = library_["PQcmdStatus"];
    const decltype(&::PQconnectPoll) connect_poll = library_["PQconnectPoll"];
    const decltype(&::PQconnectStartParams) connect_start_params = library_["PQconnectStartParams"];
    const decltype(&::PQdescribePrepared) describe_prepared = library_["PQdescribePrepared"];
    const decltype(&::PQerrorMessage) error_message = library_["PQerrorMessage"];
    const decltype(&::PQexecParams) exec_params = library_["PQexecParams"];
    const decltype(&::PQfinish) finish = library_["PQfinish"];
    const decltype(&::PQfname) field_name = library_["PQfname"];
    const decltype(&::PQftable) field_table = library_["PQftable"];
    const decltype(&::PQftablecol) field_table_column = library_["PQftablecol"];
    const decltype(&::PQftype) field_type = library_["PQftype"];
    const decltype(&::PQgetResult) get_result = library_["PQgetResult"];
    const decltype(&::PQgetisnull) is_null = library_["PQgetisnull"];
    const decltype(&::PQgetlength) value_length = library_["PQgetlength"];
    const decltype(&::PQgetvalue) value = library_["PQgetvalue"];
    const decltype(&::PQnfields) field_count = library_["PQnfields"];
    const decltype(&::PQnparams) parameter_count = library_["PQnparams"];
    const decltype(&::PQparamtype) parameter_type = library_["PQparamtype"];
    const decltype(&::PQprepare) prepare = library_["PQprepare"];
    const decltype(&::PQntuples) row_count = library_["PQntuples"];
    const decltype(&::PQresultErrorField) result_error_field = library_["PQresultErrorField"];
    const decltype(&::PQresultStatus) result_status = library_["PQresultStatus"];
    const decltype(&::PQsendQuery) send_query = library_["PQsendQuery"];
    const decltype(&::PQsetNoticeProcessor) set_notice_processor = library_["PQsetNoticeProcessor"];
    const decltype(&::PQsocket) socket = library_["PQsocket"];
    const decltype(&::PQstatus) status = library_["PQstatus"];
};

/// Loaded by the first call, which throws Error when libpq cannot be.
inline const PqLibrary& pq()
{
    static const PqLibrary library;
    return library;
}

} // namespace nimbus::deploy::sql
