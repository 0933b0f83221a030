#pragma once

#include "deploy/target.h"

#include <string>
#include <vector>

/// Makes the bucket that holds states and artifacts, and keeps it as it has to be: private,
/// encrypted, with versions that expire, reached over TLS only.
namespace nimbus::deploy {

class Kinds;
class Status;

/// The bucket of an account in a Region, unless a person names another one: bucket names are shared
/// by all accounts of a partition.
std::string default_state_bucket(const std::string& account_id, const std::string& region);

struct PreparedBucket {
    bool created = false;
    std::vector<std::string> changes; ///< what was set: "versions are kept"
    /// What the endpoint does not have, in its own words. AWS has all of it.
    std::vector<std::string> missing;
};

/// Creates the target's bucket if there is none, and changes of its settings what is not right yet.
/// What other people set stays: further statements of its policy, further lifecycle rules, the key
/// that encrypts objects unless `kms_key` is given (ARN; empty: none). Can be repeated after it was
/// killed anywhere. Throws Error when the bucket belongs to another account, is in another Region,
/// or holds what is not Nimbus's.
PreparedBucket prepare_state_bucket(const Kinds& kinds, const Target& target,
                                    const std::string& kms_key, Status& status);

} // namespace nimbus::deploy
