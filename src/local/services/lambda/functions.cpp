#include "base/encoding.h"
#include "base/number.h"
#include "base/random.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/lambda/code.h"
#include "local/services/lambda/code_link_service.h"
#include "local/services/lambda/lambda_service.h"
#include "local/services/lambda/settings.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace lambda_api;

constexpr std::string_view validation = "ValidationException";

/// 2024-12-01T12:00:00.000+0000
std::string format_modified(SystemTime time)
{
    auto text = format_iso8601_milliseconds(time);
    text.replace(text.size() - 1, 1, "+0000");
    return text;
}

json::object configuration(const FunctionRecord& record)
{
    const auto& function = *record.function;
    json::object result{
        {"FunctionName", function.name},
        {"FunctionArn", function.arn},
        {"Runtime", function.runtime},
        {"Role", function.role_arn},
        {"Handler", function.handler},
        {"CodeSize", record.code_bytes},
        {"Description", record.description},
        {"Timeout", function.timeout_seconds},
        {"MemorySize", function.memory_megabytes},
        {"LastModified", format_modified(record.modified)},
        {"CodeSha256", base64_encode(hex_decode(function.code_sha256).value_or(""))},
        {"Version", "$LATEST"},
        {"TracingConfig", json::object{{"Mode", record.tracing_mode}}},
        {"RevisionId", function.revision_id},
        {"State", "Active"},
        {"LastUpdateStatus", "Successful"},
        {"PackageType", "Zip"},
        {"Architectures", json::array{function.architecture}},
        {"EphemeralStorage", json::object{{"Size", function.ephemeral_storage_megabytes}}},
        {"SnapStart", json::object{{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}}},
        {"LoggingConfig", json::object{{"LogFormat", "Text"}, {"LogGroup", function.log_group}}},
    };
    if (!function.environment.empty())
        result["Environment"] = json::object{{"Variables", map_to_json(function.environment)}};
    return result;
}

std::string checked_architecture(const Input& input, const std::string& present)
{
    const auto* list = input.array("Architectures");
    if (list == nullptr)
        return present;
    if (list->size() != 1 || (list->front() != "x86_64" && list->front() != "arm64"))
        input.refuse("1 validation error detected: Value at 'architectures' failed to satisfy "
                     "constraint: Member must be a list of one of [x86_64, arm64]");
    return std::string(list->front().as_string());
}

/// The caller has to be allowed to pass the role on, and the role has to trust Lambda.
std::string checked_role(const LambdaParts& parts, const Call& call, const std::string& arn)
{
    const auto prefix = "arn:aws:iam::";
    if (!arn.starts_with(prefix) || arn.find(":role/") == std::string::npos)
        throw ServiceError(400, std::string(validation),
                           "1 validation error detected: Value '" + arn +
                               "' at 'role' failed to satisfy constraint: Member must satisfy "
                               "regular expression pattern: "
                               "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+");
    const auto decision = parts.access.authorize(
        call.caller, "iam:PassRole", arn, {{"iam:PassedToService", "lambda.amazonaws.com"}}, {});
    if (!decision.allowed)
        throw ServiceError(403, "AccessDeniedException", decision.explanation);
    if (!parts.access.service_may_assume(arn, "lambda.amazonaws.com"))
        throw_invalid("The role defined for the function cannot be assumed by Lambda.");
    return arn;
}

std::string checked_description(const Input& input)
{
    auto text = input.text("Description").value_or("");
    if (text.size() > 256)
        input.refuse("1 validation error detected: Value at 'description' failed to satisfy "
                     "constraint: Member must have length less than or equal to 256");
    return text;
}

/// Nothing is traced here; a function says what it was configured with.
std::string checked_tracing(const Input& input, const std::string& present)
{
    const auto* tracing = input.object("TracingConfig");
    if (tracing == nullptr)
        return present;
    auto mode = Input(*tracing, validation).text("Mode").value_or(present);
    if (mode != "Active" && mode != "PassThrough")
        input.refuse("1 validation error detected: Value '" + mode +
                     "' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy "
                     "enum value set: [Active, PassThrough]");
    return mode;
}

void check_revision(const std::optional<std::string>& wanted, const FunctionRecord& record)
{
    if (wanted && *wanted != record.function->revision_id)
        throw ServiceError(412, "PreconditionFailedException",
                           "The Revision Id provided does not match the latest Revision Id. Call "
                           "the GetFunction/GetAlias API to retrieve the latest Revision Id",
                           {{"Type", "User"}});
}

void refuse_publish(const Input& input)
{
    if (input.boolean("Publish").value_or(false))
        throw_invalid("The local cloud has no versions of functions: leave out Publish.");
}

http::Response create_function(const LambdaParts& parts, Call& call)
{
    const Input input(call.input, validation);
    const auto name = function_name(call, input.required_text("FunctionName"));
    refuse_publish(input);
    auto function = std::make_shared<Function>();
    function->name = name;
    function->arn = function_arn(call, name);
    function->architecture = checked_architecture(input, "x86_64");
    function->log_group = "/aws/lambda/" + name;
    read_function_settings(input, *function);
    if (function->runtime.empty() || function->handler.empty())
        throw_invalid("Runtime and Handler are mandatory parameters for functions created with "
                      "deployment packages.");
    const auto role = input.required_text("Role");
    const auto* code = input.object("Code");
    if (code == nullptr)
        input.refuse("1 validation error detected: Value null at 'code' failed to satisfy "
                     "constraint: Member must not be null");

    FunctionRecord record;
    record.region = call.region;
    record.description = checked_description(input);
    record.tracing_mode = checked_tracing(input, record.tracing_mode);
    record.tags = checked_tags(input.map("Tags").value_or(std::map<std::string, std::string>{}));
    const auto exists = [&] {
        if (parts.functions.find(call.region, name))
            throw ServiceError(409, "ResourceConflictException", "Function already exist: " + name,
                               {{"Type", "User"}});
    };
    exists();
    function->role_arn = checked_role(parts, call, role);
    const auto stored = store_code(parts, call, *code);
    function->code_sha256 = stored.sha256;
    function->code_zip = parts.code.path_of(stored.sha256);
    function->revision_id = random_uuid();
    record.code_bytes = stored.bytes;
    record.modified = parts.clock();
    record.function = std::move(function);
    parts.functions.database().transaction([&] {
        exists();
        parts.functions.put(record);
    });
    return json_answer(configuration(record), 201);
}

/// Others get the function without them. Source: Lambda's API reference, GetFunction, Tags.
bool may_list_tags(const LambdaParts& parts, const Call& call, const FunctionRecord& record)
{
    return parts.access
        .authorize(call.caller, "lambda:ListTags", record.function->arn, condition_context(call))
        .allowed;
}

http::Response get_function(const LambdaParts& parts, Call& call)
{
    const auto record = need_function(parts.functions, call);
    json::object body{
        {"Configuration", configuration(*record)},
        {"Code",
         json::object{{"RepositoryType", "S3"},
                      {"Location", code_link(parts, call, record->function->code_sha256)}}}};
    if (!record->tags.empty() && may_list_tags(parts, call, *record))
        body["Tags"] = map_to_json(record->tags);
    return json_answer(body);
}

http::Response get_configuration(const LambdaParts& parts, Call& call)
{
    return json_answer(configuration(*need_function(parts.functions, call)));
}

/// Reads the record, lets `change` replace its function by one with a new revision, stores it and
/// retires the instances of the old one.
http::Response change_function(const LambdaParts& parts, const Call& call,
                               const std::function<void(FunctionRecord&, Function&)>& change)
{
    const auto record = parts.functions.database().transaction([&] {
        auto changed = need_function_to_change(parts.functions, call);
        auto function = std::make_shared<Function>(*changed.function);
        change(changed, *function);
        function->revision_id = random_uuid();
        changed.function = std::move(function);
        changed.modified = parts.clock();
        parts.functions.put(changed);
        return changed;
    });
    if (auto* invoker = parts.invoker.load())
        invoker->retire(record.function->arn, record.function->revision_id);
    return json_answer(configuration(record));
}

http::Response update_code(const LambdaParts& parts, Call& call)
{
    const Input input(call.input, validation);
    refuse_publish(input);
    const auto present = need_function(parts.functions, call);
    check_revision(input.text("RevisionId"), *present);
    const auto architecture = checked_architecture(input, present->function->architecture);
    const auto stored = store_code(parts, call, call.input);
    if (input.boolean("DryRun").value_or(false)) {
        auto record = *present;
        auto function = std::make_shared<Function>(*present->function);
        function->code_sha256 = stored.sha256;
        record.function = std::move(function);
        record.code_bytes = stored.bytes;
        return json_answer(configuration(record));
    }
    return change_function(parts, call, [&](FunctionRecord& record, Function& function) {
        check_revision(input.text("RevisionId"), record);
        function.code_sha256 = stored.sha256;
        function.code_zip = parts.code.path_of(stored.sha256);
        function.architecture = architecture;
        record.code_bytes = stored.bytes;
    });
}

http::Response update_configuration(const LambdaParts& parts, Call& call)
{
    const Input input(call.input, validation);
    const auto role = input.text("Role");
    if (role)
        checked_role(parts, call, *role);
    return change_function(parts, call, [&](FunctionRecord& record, Function& function) {
        check_revision(input.text("RevisionId"), record);
        read_function_settings(input, function);
        function.role_arn = role.value_or(function.role_arn);
        if (input.has("Description"))
            record.description = checked_description(input);
        record.tracing_mode = checked_tracing(input, record.tracing_mode);
    });
}

http::Response delete_function(const LambdaParts& parts, Call& call)
{
    const auto record = need_function(parts.functions, call);
    parts.functions.erase(*record);
    if (auto* invoker = parts.invoker.load())
        invoker->retire(record->function->arn, {});
    return no_content();
}

http::Response list_functions(const LambdaParts& parts, Call& call)
{
    std::size_t limit = 50;
    if (const auto text = call.parameter("MaxItems")) {
        const auto wanted = parse_number<std::size_t>(*text);
        if (!wanted || *wanted < 1 || *wanted > 10'000)
            throw ServiceError(400, std::string(validation),
                               "1 validation error detected: Value '" + *text +
                                   "' at 'maxItems' failed to satisfy constraint: Member must be "
                                   "between 1 and 10000");
        limit = std::min<std::size_t>(*wanted, 50);
    }
    const auto after = call.parameter("Marker").value_or("");
    json::array functions;
    json::object body;
    for (const auto& record : parts.functions.list(call.region)) {
        if (record.function->name <= after)
            continue;
        if (functions.size() == limit) {
            body["NextMarker"] = functions.back().as_object().at("FunctionName");
            break;
        }
        functions.emplace_back(configuration(record));
    }
    body["Functions"] = std::move(functions);
    return json_answer(body);
}

http::Response list_versions(const LambdaParts& parts, Call& call)
{
    return json_answer(
        {{"Versions", json::array{configuration(*need_function(parts.functions, call))}}});
}

// --- tags -----------------------------------------------------------------------------------

FunctionRecord tagged_function(const LambdaParts& parts, const Call& call)
{
    const auto name = function_name(call, call.label("ARN"));
    auto record = parts.functions.find(call.region, name);
    if (!record)
        throw ServiceError(404, "ResourceNotFoundException",
                           "The resource you requested does not exist.", {{"Type", "User"}});
    return std::move(*record);
}

http::Response list_tags(const LambdaParts& parts, Call& call)
{
    return json_answer({{"Tags", map_to_json(tagged_function(parts, call).tags)}});
}

http::Response tag_resource(const LambdaParts& parts, Call& call)
{
    const auto tags =
        Input(call.input, validation).map("Tags").value_or(std::map<std::string, std::string>{});
    parts.functions.database().transaction([&] {
        auto record = tagged_function(parts, call);
        for (const auto& [key, value] : tags)
            record.tags[key] = value;
        record.tags = checked_tags(record.tags);
        parts.functions.put(record);
    });
    return no_content();
}

http::Response untag_resource(const LambdaParts& parts, Call& call)
{
    parts.functions.database().transaction([&] {
        auto record = tagged_function(parts, call);
        for (const auto& [name, value] : call.query)
            if (name == "tagKeys")
                record.tags.erase(value);
        parts.functions.put(record);
    });
    return no_content();
}

http::Response account_settings(const LambdaParts& parts, Call& call)
{
    std::int64_t bytes = 0;
    const auto records = parts.functions.list(call.region);
    for (const auto& record : records)
        bytes += record.code_bytes;
    return json_answer({{"AccountLimit", json::object{{"TotalCodeSize", 80'530'636'800},
                                                      {"CodeSizeUnzipped", 262'144'000},
                                                      {"CodeSizeZipped", 52'428'800},
                                                      {"ConcurrentExecutions", 1000},
                                                      {"UnreservedConcurrentExecutions", 1000}}},
                        {"AccountUsage", json::object{{"TotalCodeSize", bytes},
                                                      {"FunctionCount", records.size()}}}});
}

std::string tagged_resource(const Call& call)
{
    return function_arn(call, function_name(call, call.label("ARN")));
}

} // namespace

std::vector<Operation> lambda_function_operations(const LambdaParts& parts)
{
    using Plain = http::Response (*)(const LambdaParts&, Call&);
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action, Plain answer_call) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = function_resource,
                         .context = function_context(parts.functions),
                         .answer = Answer([parts, answer_call](Call& call) {
                             return answer_call(parts, call);
                         })};
    };
    constexpr std::string_view functions = "/2015-03-31/functions";
    constexpr std::string_view function = "/2015-03-31/functions/{FunctionName}";
    constexpr std::string_view config = "/2015-03-31/functions/{FunctionName}/configuration";
    constexpr std::string_view tags = "/2017-03-31/tags/{ARN+}";
    auto create =
        entry("CreateFunction", "POST", functions, "lambda:CreateFunction", create_function);
    create.tag_action = "lambda:TagResource";
    auto operations = std::vector<Operation>{
        create,
        entry("ListFunctions", "GET", functions, "lambda:ListFunctions", list_functions),
        entry("GetFunction", "GET", function, "lambda:GetFunction", get_function),
        entry("DeleteFunction", "DELETE", function, "lambda:DeleteFunction", delete_function),
        entry("GetFunctionConfiguration", "GET", config, "lambda:GetFunctionConfiguration",
              get_configuration),
        entry("UpdateFunctionConfiguration", "PUT", config, "lambda:UpdateFunctionConfiguration",
              update_configuration),
        entry("UpdateFunctionCode", "PUT", "/2015-03-31/functions/{FunctionName}/code",
              "lambda:UpdateFunctionCode", update_code),
        entry("ListVersionsByFunction", "GET", "/2015-03-31/functions/{FunctionName}/versions",
              "lambda:ListVersionsByFunction", list_versions),
        entry("GetAccountSettings", "GET", "/2016-08-19/account-settings",
              "lambda:GetAccountSettings", account_settings),
    };
    for (auto [name, method, action, answer_call] :
         {std::tuple<std::string_view, std::string_view, std::string_view, Plain>{
              "ListTags", "GET", "lambda:ListTags", list_tags},
          {"TagResource", "POST", "lambda:TagResource", tag_resource},
          {"UntagResource", "DELETE", "lambda:UntagResource", untag_resource}}) {
        operations.push_back(entry(name, method, tags, action, answer_call));
        operations.back().resource = tagged_resource;
    }
    return operations;
}

} // namespace nimbus::local
