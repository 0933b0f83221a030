#include "core/application.h"
#include "core/manifest_writer.h"
#include "sql/link.h"

#include <nimbus/sql.hpp>

namespace nimbus::detail {

namespace {

struct SqlDeclaration {
    sql_options options;
    std::source_location place;
};

class SqlKind : public Kind {
public:
    void add(SqlDeclaration declaration) { declarations_.push_back(std::move(declaration)); }

    void describe(ManifestWriter& manifest) const override
    {
        for (const auto& [options, place] : declarations_) {
            json::object entry{{"name", options.name}};
            if (!options.schema.empty())
                entry.emplace("schema", options.schema);
            entry.emplace("deletionProtection", options.deletion_protection);
            if (!options.cluster.empty())
                entry.emplace("cluster", options.cluster);
            if (!options.migrations.empty())
                entry.emplace("migrations", options.migrations);
            if (!options.seed.empty())
                entry.emplace("seed", options.seed);
            manifest.add("sql", std::move(entry), place);
        }
    }

private:
    std::vector<SqlDeclaration> declarations_;
};

} // namespace

sql::database sql_declarations::sql(sql_options options, std::source_location declared)
{
    auto link = std::make_shared<sql::detail::Link>(
        options.name,
        [name = options.name] { return sql::detail::settings_from_environment(name); },
        application_->invocation());
    application_->kind<SqlKind>().add({std::move(options), declared});
    return sql::database(std::move(link));
}

} // namespace nimbus::detail
