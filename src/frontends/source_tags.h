#pragma once

#include "frontends/source_file.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::frontends {

/// Whose tag of templates: sql`SELECT …`.
enum class TagLibrary { postgres_js, kysely, drizzle, prisma };

/// A function whose templates are SQL.
struct SqlTag {
    TagLibrary library;
    std::string owner{}; ///< of postgres.js: what `postgres(…)` was given to, also within begin()
    std::string database{}; ///< of an owner: the variable whose `options` it was made with, or ""
    bool renames_rows = false; ///< rows do not have the names or types that the database gives
};

/// The tags that the scripts of a program have, by import and declaration.
class SqlTags {
public:
    explicit SqlTags(const Sources& sources);

    /// What a word is in a file, by its place; nothing where it is no tag.
    const SqlTag* find(const SourceFile& file, std::size_t word) const;
    /// The databases' variables that tags were made with, by the tags' owners.
    std::map<std::string, std::set<std::string>> owners() const;

    /// May a value that is made by these tokens be a part of a statement rather than a parameter?
    enum class Part {
        no,
        maybe, ///< it is not told
        yes,
    };
    Part part_in(const SourceFile& file, SourceFile::Range range, TagLibrary library) const;

private:
    using Names = std::map<std::string, SqlTag, std::less<>>;

    void find_owners(const SourceFile& file);
    void find_imports(const SourceFile& file);
    void find_transactions(const SourceFile& file);
    void find_parts(const SourceFile& file);
    void find_values(const SourceFile& file);
    void add_holders(const SourceFile& file, std::size_t at);
    void add_transaction(const SourceFile& file, std::size_t open, const SqlTag& tag);
    bool uses_tag(const SourceFile& file, SourceFile::Range range) const;
    bool is_value(const SourceFile& file, std::size_t name) const;

    std::map<const SourceFile*, Names> names_;
    std::map<std::string, SqlTag, std::less<>> owners_; ///< of all files
    /// Is what a file declares by that name surely no part of a statement?
    std::map<const SourceFile*, std::map<std::string_view, bool>> values_;
    std::set<std::string, std::less<>>
        parts_; ///< names of what is, holds or gives parts of statements
    std::set<std::string, std::less<>> tables_; ///< of drizzle: its tables and views
    bool has_camel_case_ = false;               ///< of Kysely
};

} // namespace nimbus::frontends
