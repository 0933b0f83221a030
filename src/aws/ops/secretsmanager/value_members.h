#pragma once

#include "base/encoding.h"
#include "base/json.h"

#include <optional>
#include <string>

namespace nimbus::aws::secretsmanager {

/// A secret's value in a request, text or bytes.
inline void put_value(json::object& body, const std::optional<std::string>& secret_string,
                      const std::optional<std::string>& secret_binary)
{
    if (secret_string)
        body["SecretString"] = *secret_string;
    if (secret_binary)
        body["SecretBinary"] = base64_encode(*secret_binary);
}

} // namespace nimbus::aws::secretsmanager
