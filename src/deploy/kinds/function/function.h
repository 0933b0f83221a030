#pragma once

#include "deploy/typed_resource.h"
#include "manifest/manifest.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct Code {
    std::string sha256; ///< base64, of the zip
};
BOOST_DESCRIBE_STRUCT(Code, (), (sha256))

struct FunctionInputs {
    std::string function_name;
    std::string description;
    std::string runtime;
    std::string architecture;
    std::string handler;
    std::string role;                   ///< ARN
    std::optional<std::string> role_id; ///< roles of one name, one after the other, differ in it
    int memory = 0;                     ///< megabytes
    int timeout = 0;                    ///< seconds
    std::map<std::string, std::string> environment;
    Code code;
    aws::Tags tags;
    std::optional<std::string> code_bucket;
    std::optional<std::string> code_key;
    std::optional<std::string> log_group;
};
BOOST_DESCRIBE_STRUCT(FunctionInputs, (),
                      (function_name, description, runtime, architecture, handler, role, role_id,
                       memory, timeout, environment, code, tags, code_bucket, code_key, log_group))

struct FunctionSettings {
    std::vector<std::string> layers; ///< ARNs of their versions
    std::string tracing = "PassThrough";
    std::string dead_letter_queue; ///< ARN
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;
    std::vector<std::string> file_systems; ///< ARNs of access points
    int ephemeral_storage = 512;           ///< megabytes
    std::string kms_key;                   ///< ARN, of the environment
    std::string snap_start = "None";
    std::string log_format = "Text";
    bool operator==(const FunctionSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(FunctionSettings, (),
                      (layers, tracing, dead_letter_queue, subnets, security_groups, file_systems,
                       ephemeral_storage, kms_key, snap_start, log_format))

struct FunctionOutputs {
    std::string function_name;
    std::string arn;
    /// Of the role that Lambda let decrypt the environment: AWS does not tell, the state remembers.
    std::string role_id;
};
BOOST_DESCRIBE_STRUCT(FunctionOutputs, (), (function_name, arn, role_id))

/// A Lambda function. All functions of an application that have the same architecture have the same
/// code; `Handler` tells them apart.
struct Function {
    static constexpr std::string_view name = "function";
    using Inputs = FunctionInputs;
    using Settings = FunctionSettings;
    using Outputs = FunctionOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Function>> read(World&, Reads&, const SubjectOf<Function>&);
    static Outputs create(World&, const SubjectOf<Function>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Function>&, const Inputs&,
                          const ObservedOf<Function>&);
    static void destroy(World&, const SubjectOf<Function>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

std::vector<Node> function_nodes(const Application& application);

/// What has to be there for the function to do its work, though it can be made before: what its
/// role is granted, and its log. Whatever calls the function by itself waits for these, too.
std::vector<std::string> works_with(const Application& application,
                                    const manifest::Function& function);

} // namespace nimbus::deploy::function
