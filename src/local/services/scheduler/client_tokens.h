#pragma once

#include "base/time.h"
#include "local/services/service.h"
#include "sqlite/database.h"

#include <functional>

namespace nimbus::local::scheduler {

/// The client tokens of the requests of the last hours. A request that is sent again, because its
/// answer was lost, has the token of the first and gets its answer.
class ClientTokens {
public:
    ClientTokens(sqlite::Database& database, Clock clock);

    /// Runs `work` in a transaction and keeps its answer, unless the token has one already. Throws
    /// ServiceError for a token that came with another request.
    json::object once(const Call& call, const std::function<json::object()>& work);

private:
    sqlite::Database& database_;
    Clock clock_;
};

} // namespace nimbus::local::scheduler
