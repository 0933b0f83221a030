#include "deploy/kinds/sql/catalogue_name.h"

#include "base/text.h"

namespace nimbus::deploy::sql {

std::string catalogue_name(const SqlToken& token)
{
    if (token.kind != SqlToken::Kind::quoted || !token.text.starts_with('"'))
        return to_lower(token.text);
    return replace_all(std::string(token.text.substr(1, token.text.size() - 2)), "\"\"", "\"");
}

} // namespace nimbus::deploy::sql
