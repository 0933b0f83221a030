#pragma once

#include "frontends/front_end.h"
#include "frontends/module_graph.h"

#include <filesystem>
#include <optional>
#include <string_view>

/// `emitDecoratorMetadata`: the types of decorated things as values, by which NestJS and TypeORM
/// find what to inject. It takes a compiler that knows types, which esbuild does not.
namespace nimbus::frontends {

/// The option of tsconfig.json that asks for it.
inline constexpr std::string_view decorator_metadata = "emitDecoratorMetadata";

/// Copies of the author's sources, in which that metadata is.
struct CompiledSources {
    std::filesystem::path root;   ///< what all sources lie below
    std::filesystem::path copies; ///< where that is copied to

    std::filesystem::path copy_of(const std::filesystem::path& source) const;
};

/// The sources of `graph`, which has what is imported for its types, too: compiled by the author's
/// own TypeScript (5.5 or newer) or @swc/core where a tsconfig.json asks for metadata, copied
/// otherwise, below `place`. Each has the name of what it is made of, and is found by the same
/// imports. Nothing when no tsconfig.json asks for it. Throws Error when one does and there is no
/// compiler, or when it makes nothing of a source.
std::optional<CompiledSources> compile_decorators(const BuildRequest& request,
                                                  const std::filesystem::path& node,
                                                  const ModuleGraph& graph,
                                                  const std::filesystem::path& place);

} // namespace nimbus::frontends
