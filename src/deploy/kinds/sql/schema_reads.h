#pragma once

#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_ledger.h"
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
    /// What is applied of the schema's migrations; null where nothing ever was.
    const Ledger* ledger(const std::string& endpoint, const DatabaseNames& names)
    {
        const auto& found = contents(endpoint, names);
        return found.ledger ? &*found.ledger : nullptr;
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
        std::optional<Ledger> ledger;
    };

    /// Connects to the cluster of that endpoint, once for each schema.
    const Contents& contents(const std::string& endpoint, const DatabaseNames& names)
    {
        return contents_.get(endpoint + '/' + names.schema, [&] {
            auto session = connect(world_, endpoint);
            Contents contents{
                .found = look(session, names), .schemas = schemas_in(session), .ledger = {}};
            if (contents.found.ledger)
                contents.ledger = read_ledger(session, names.schema);
            return contents;
        });
    }

    World& world_;
    Memo<Contents> contents_;
};

} // namespace nimbus::deploy::sql
