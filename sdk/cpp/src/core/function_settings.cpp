#include "core/function_settings.h"

#include "base/error.h"
#include "core/manifest_writer.h"

#include <utility>

namespace nimbus::detail {

namespace {

template <class Value>
bool is_given(const std::optional<Value>& value)
{
    return value.has_value();
}

bool is_given(const resource_names& names)
{
    return names.texts().has_value();
}

/// Of texts and lists: an empty one is the same as none.
template <class Value>
bool is_given(const Value& value)
{
    return !value.empty();
}

FunctionDeclaration with_one_memory_size(const Function& function, FunctionDeclaration declaration)
{
    auto& options = declaration.options;
    const auto former = std::exchange(options.memory, std::nullopt);
    if (!former)
        return declaration;
    if (options.memory_size.value_or(*former) != *former)
        throw Error(text_of(declaration.place) + ": the function " + function.name +
                    " has memory_size " + std::to_string(*options.memory_size) + " and memory " +
                    std::to_string(*former) +
                    ", which is the former name of the same option; keep memory_size");
    options.memory_size = former;
    return declaration;
}

class Merger {
public:
    explicit Merger(const Function& function) : function_(function)
    {
        for (const auto& declaration : function.declarations)
            declarations_.push_back(with_one_memory_size(function, declaration));
    }

    template <class Value>
    void merge(std::string_view name, Value function_options::* member)
    {
        const FunctionDeclaration* first = nullptr;
        for (const auto& declaration : declarations_) {
            const auto& value = declaration.options.*member;
            if (!is_given(value))
                continue;
            if (first != nullptr && value != first->options.*member)
                throw_difference(name, *first, declaration);
            if (first == nullptr)
                first = &declaration;
            merged_.*member = value;
        }
    }

    function_options finish() { return std::move(merged_); }

private:
    [[noreturn]] void throw_difference(std::string_view name, const FunctionDeclaration& first,
                                       const FunctionDeclaration& other) const
    {
        throw Error(text_of(other.place) + ": " + other.subject + " has another " +
                    std::string(name) + " than " + first.subject + " (" + text_of(first.place) +
                    "), and they share the function " + function_.name +
                    ", which the options belong to: give it once, or the same everywhere");
    }

    const Function& function_;
    std::vector<FunctionDeclaration> declarations_;
    function_options merged_;
};

} // namespace

function_options settings_of(const Function& function)
{
    Merger merger(function);
    merger.merge("memory_size", &function_options::memory_size);
    merger.merge("timeout", &function_options::timeout);
    merger.merge("environment", &function_options::environment);
    merger.merge("uses", &function_options::uses);
    merger.merge("permissions", &function_options::permissions);
    merger.merge("description", &function_options::description);
    merger.merge("architecture", &function_options::architecture);
    merger.merge("log_retention", &function_options::log_retention);
    return merger.finish();
}

} // namespace nimbus::detail
