#include "local/dsql/superuser_connection.h"

#include "base/error.h"

namespace nimbus::local::dsql {
namespace {

/// What `work` returns; its refusals and exceptions become Errors.
template <class Work>
auto or_error(Work work)
{
    try {
        auto result = work();
        if (!result)
            throw Error(result.error().message);
        return *std::move(result);
    } catch (const ChannelClosed& failure) {
        throw Error(failure.what());
    } catch (const TimedOut&) {
        throw Error("PostgreSQL did not answer in time");
    }
}

} // namespace

SuperuserConnection::SuperuserConnection(const std::filesystem::path& socket_path,
                                         const std::string& superuser, const Deadline& deadline,
                                         const std::string& database)
    : deadline_(deadline), connection_(or_error([&] {
          return DatabaseConnection::open(socket_path,
                                          {{"user", superuser},
                                           {"database", database},
                                           {"options", "-c search_path=pg_catalog"}},
                                          -1, deadline);
      }))
{
}

std::optional<std::string> SuperuserConnection::run(std::string_view text, const Deadline& deadline)
{
    return or_error([&] { return connection_.run(text, deadline); });
}

} // namespace nimbus::local::dsql
