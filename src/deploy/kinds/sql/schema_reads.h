#pragma once

#include "deploy/kinds/sql/database.h"
#include "deploy/memo.h"

namespace nimbus::deploy::sql {

/// What is inside clusters, for a look at the world; see Reads.
class SchemaReads {
public:
    explicit SchemaReads(World& world) : world_(world) {}

    /// Connects to the cluster of that endpoint, once for each schema.
    const DatabaseFound& found(const std::string& endpoint, const DatabaseNames& names)
    {
        return found_.get(endpoint + '/' + names.schema, [&] {
            auto session = connect(world_, endpoint);
            return look(session, names);
        });
    }

private:
    World& world_;
    Memo<DatabaseFound> found_;
};

} // namespace nimbus::deploy::sql
