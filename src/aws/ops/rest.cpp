#include "aws/ops/rest.h"

#include "base/encoding.h"

#include <stdexcept>
#include <utility>

namespace nimbus::aws {

std::string path_segment(const std::string& name, bool keep_slash)
{
    if (name.empty())
        throw std::invalid_argument("the name of a resource is empty");
    return percent_encode(name, keep_slash);
}

void add_query(Encoded& request, std::string name, const std::string& value)
{
    if (!value.empty())
        request.query.emplace_back(std::move(name), value);
}

void add_query(Encoded& request, std::string name, int value)
{
    if (value != 0)
        request.query.emplace_back(std::move(name), std::to_string(value));
}

} // namespace nimbus::aws
