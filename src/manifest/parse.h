#pragma once

#include "base/error.h"
#include "manifest/manifest.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::manifest {

/// One mistake: where, what is wrong there, and what is allowed.
struct Problem {
    std::string path; ///< apis[0].routes[2].path; empty for the document itself
    std::string message;

    bool operator==(const Problem&) const = default;
};

/// All the mistakes of one manifest; `what()` lists them, one a line when there are several.
class ManifestError : public UsageError {
public:
    ManifestError(const std::string& source, std::vector<Problem> problems);

    const std::vector<Problem>& problems() const noexcept { return problems_; }

private:
    std::vector<Problem> problems_;
};

/// Reads and checks a manifest; `source` is what messages call it: "main.cpp". Everything that is
/// left out has its default in the result: stages are filled in, and `uses` lists all databases.
/// Throws Error when the text is not JSON or larger than a megabyte, ManifestError otherwise.
Manifest parse_manifest(std::string_view json_text, const std::string& source);

/// The JSON form with every field written out: parse_manifest(to_json(m)) == m.
std::string to_json(const Manifest& manifest);

/// The same application in another stage: its own and every API's. Throws UsageError when `stage`
/// is none.
Manifest with_stage(Manifest manifest, std::string_view stage);

} // namespace nimbus::manifest
