#pragma once

#include "deploy/kinds/sql/database.h"
#include "deploy/memo.h"

namespace nimbus::deploy::sql {

/// What is inside clusters, for a look at the world; see Reads.
class SchemaReads {
public:
    explicit SchemaReads(World& world) : world_(world) {}

    const DatabaseFound& found(const std::string& endpoint, const DatabaseNames& names)
    {
        return contents(endpoint, names).found;
    }
    /// All schemas of the cluster that `names` are in.
    const std::set<std::string>& schemas(const std::string& endpoint, const DatabaseNames& names)
    {
        return contents(endpoint, names).schemas;
    }

private:
    struct Contents {
        DatabaseFound found;
        std::set<std::string> schemas;
    };

    /// Connects to the cluster of that endpoint, once for each schema.
    const Contents& contents(const std::string& endpoint, const DatabaseNames& names)
    {
        return contents_.get(endpoint + '/' + names.schema, [&] {
            auto session = connect(world_, endpoint);
            return Contents{.found = look(session, names), .schemas = schemas_in(session)};
        });
    }

    World& world_;
    Memo<Contents> contents_;
};

} // namespace nimbus::deploy::sql
