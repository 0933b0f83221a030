#pragma once

#include "local/services/lambda/lambda_service.h"

#include <cstdint>
#include <memory>
#include <string>

namespace nimbus::local {

/// A function's zip in the code store.
struct StoredCode {
    std::unique_ptr<BlobStore::Pin> pin; ///< keep it until the function's row is written
    std::string sha256;                  ///< hexadecimal
    std::int64_t bytes = 0;
};

/// Takes the zip out of ZipFile or S3Bucket and S3Key of `code`, checks that it opens and what it
/// unpacks to, and stores it. Throws ServiceError as Lambda does.
/// Limits: AWS Lambda Developer Guide, "Lambda quotas".
StoredCode store_code(const LambdaParts& parts, const Call& call, const json::object& code);

} // namespace nimbus::local
