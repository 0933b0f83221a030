#pragma once

#include "frontends/source_types.h"

#include <string>
#include <vector>

/// Whether the rows of a statement fit what the program makes of them: by the rules of libnimbus
/// (sdk/cpp/include/nimbus/detail/sql_mapping.hpp), and of node-postgres.
namespace nimbus::cli {

/// A column of an answer.
struct AnswerColumn {
    std::string name;
    std::string type;         ///< as format_type writes it, without length or precision
    bool may_be_null = false; ///< as far as the column of a table tells, which it is
};

struct RowFit {
    std::vector<std::string> misfits; ///< sentences: what fails when a row is read
    std::vector<std::string> nulls;   ///< what fails when a column is NULL
};

/// Of `statement`, whose rows have these columns. What is not known fits.
RowFit fit_of_row(const frontends::SourceStatement& statement, const frontends::SourceTypes& types,
                  const std::vector<AnswerColumn>& columns);

} // namespace nimbus::cli
