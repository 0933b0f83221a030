#include "frontends/package_loader.h"

#include "base/json.h"
#include "frontends/esbuild.h"

namespace nimbus::frontends {

std::string script_literal(std::string_view text)
{
    std::string result;
    append_json_string(result, text);
    return result;
}

std::string package_loader_text(const std::map<std::string, std::filesystem::path>& modules)
{
    std::string text = reserved_names(ModuleFormat::commonjs) +
                       "module.exports = (name) => {\n    switch (name) {\n";
    for (const auto& [name, file] : modules)
        text += "    case " + script_literal(name) + ": return require(" +
                script_literal(file.string()) + ");\n";
    return text + "    }\n};\n";
}

std::string stand_in_text(std::string_view name)
{
    return "module.exports = nimbus_package(" + script_literal(name) + ");\n";
}

} // namespace nimbus::frontends
