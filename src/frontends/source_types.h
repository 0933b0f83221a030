#pragma once

#include "frontends/source_statements.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What rows become in a program: described structs, and interfaces.
namespace nimbus::frontends {

struct RowMember {
    std::string name;
    std::string type;      ///< as written, without needless blanks; "": not known
    bool may_lack = false; ///< its column need not be there: it has an initialiser, or a `?`
};

struct RowType {
    std::string name; ///< as the statement names it
    std::vector<RowMember> members;
};

/// The types that sources declare. It refers to them.
class SourceTypes {
public:
    explicit SourceTypes(const Sources& sources);

    /// The described struct of that name, or the interface; that of `file` where several have one.
    /// Nothing for a type that is not known, or not in full.
    std::optional<RowType> find(std::string_view name, const SourceFile& file) const;
    /// { id: string; name: string }
    std::optional<RowType> written_out(const SourceFile& file, SourceFile::Range range) const;

    /// Do scripts tell node-postgres how to read types?
    bool has_own_parsers() const noexcept { return has_own_parsers_; }
    bool is_enumeration(std::string_view name) const;
    /// What `using Name = …` or `type Name = …` says; nothing when it is not that.
    std::optional<std::string> alias(std::string_view name) const;

private:
    struct Declared {
        const SourceFile* file;
        std::vector<RowMember> members;
        std::vector<std::string> bases;
    };

    void read_cpp(const SourceFile& file, std::size_t at);
    void read_script(const SourceFile& file, std::size_t at);
    std::optional<RowType> find(std::string_view name, const SourceFile& file, int depth) const;

    std::map<std::string, std::vector<Declared>, std::less<>> declared_;
    /// The members of C++ that are described, by the struct's name and file.
    std::map<std::pair<std::string, const SourceFile*>, std::vector<std::string>> described_;
    bool has_own_parsers_ = false;
    std::set<std::string, std::less<>> enumerations_;
    std::map<std::string, std::string, std::less<>> aliases_;
};

} // namespace nimbus::frontends
