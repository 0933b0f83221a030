#pragma once

#include "base/error.h"
#include "manifest/manifest.h"
#include "manifest/section.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::manifest {

/// All the mistakes of one manifest; `what()` lists them, one a line when there are several.
class ManifestError : public UsageError {
public:
    ManifestError(const std::string& source, std::vector<Problem> problems);

    const std::vector<Problem>& problems() const noexcept { return problems_; }

private:
    std::vector<Problem> problems_;
};

/// Reads and checks a manifest that may have `sections`; `source` is what messages call it:
/// "main.cpp". Everything that is left out has its default in the result: stages are filled in, and
/// `uses` lists all that can be used. Throws Error when the text is not JSON or larger than a
/// megabyte, ManifestError otherwise.
Manifest parse_manifest(std::string_view json_text, const std::string& source, Sections sections);

/// The JSON form with every field written out: parse_manifest(to_json(m)) == m.
std::string to_json(const Manifest& manifest, Sections sections);

/// The same application in another stage, with all that has a stage of its own. Throws UsageError
/// when `stage` is none.
Manifest with_stage(Manifest manifest, std::string_view stage, Sections sections);

/// The same application as a preview, with data of its own in what it shares with other stages.
/// Throws UsageError where something of it cannot be shared.
Manifest as_preview(Manifest manifest, Sections sections);

} // namespace nimbus::manifest
