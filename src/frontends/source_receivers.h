#pragma once

#include "frontends/source_file.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace nimbus::frontends {

/// The variable that the value of the expression which begins at `begin` is given to; "" where it
/// is none.
std::string variable_before(const SourceFile& file, std::size_t begin);

/// Variables that are databases, transactions or connections.
class Receivers {
public:
    explicit Receivers(const Sources& sources);

    bool knows(std::string_view name) const { return !name.empty() && names_.contains(name); }
    /// What they are called in the declarations.
    const std::map<std::string, std::set<std::string>>& databases() const { return databases_; }

private:
    void find_declaration(const SourceFile& file, std::size_t i);
    void find_parameter_of_type(const SourceFile& file, std::size_t i);
    void find_transaction(const SourceFile& file, std::size_t i);

    std::set<std::string, std::less<>> names_;
    std::map<std::string, std::set<std::string>> databases_;
};

} // namespace nimbus::frontends
