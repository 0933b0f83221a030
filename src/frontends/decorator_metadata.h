#pragma once

#include "frontends/front_end.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// `emitDecoratorMetadata`: the types of decorated things as values, by which NestJS and TypeORM
/// find what to inject. It takes a compiler that knows types, which esbuild does not.
namespace nimbus::frontends {

/// The option of tsconfig.json that asks for it.
inline constexpr std::string_view decorator_metadata = "emitDecoratorMetadata";

/// Those of the author's `sources` that a tsconfig.json asks for metadata in, and what the author's
/// own TypeScript (5.5 or newer) or @swc/core makes of them: JavaScript, with an
/// inline map that names the source as one in the same directory. `sources` has what is imported
/// for its types, too. `place` is for files of its own. Throws Error when there is no compiler, or
/// when it makes nothing of a source.
std::map<std::filesystem::path, std::string>
compile_decorators(const BuildRequest& request, const std::filesystem::path& node,
                   const std::vector<std::filesystem::path>& sources,
                   const std::filesystem::path& place);

} // namespace nimbus::frontends
