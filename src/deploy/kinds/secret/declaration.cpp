#include "deploy/kinds/secret/declaration.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "base/text.h"
#include "deploy/application.h"
#include "deploy/kms_key.h"
#include "manifest/check.h"
#include "manifest/names.h"

#include <algorithm>

namespace nimbus::deploy::secret {
namespace {

using manifest::Manifest;
using manifest::ObjectReader;
using manifest::Problems;

constexpr std::string_view list = "secrets";

/// An alias could not be named in the policy of the functions' role.
bool is_key(std::string_view text)
{
    return is_kms_key_id(text) || is_kms_key_arn(text);
}

const manifest::TextRule key_rule{is_key, "the ARN or the id of a KMS key"};

Secret read_secret(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"name", "description", "kmsKeyId"}, problems);
    Secret secret;
    secret.name = reader.required_text("name", manifest::name_rule);
    secret.description = reader.text("description", manifest::description_rule).value_or("");
    secret.kms_key_id = reader.text("kmsKeyId", key_rule).value_or("");
    return secret;
}

void read(ObjectReader& document, Manifest& manifest, Problems& problems)
{
    document.each(list, [&](const json::value& value, const std::string& path) {
        manifest.declared.of<Secret>().push_back(read_secret(value, path, problems));
    });
}

json::array write(const Manifest& manifest)
{
    json::array array;
    for (const auto& secret : manifest.declared.of<Secret>()) {
        json::object object{{"name", secret.name}, {"description", secret.description}};
        if (!secret.kms_key_id.empty())
            object.emplace("kmsKeyId", secret.kms_key_id);
        array.push_back(std::move(object));
    }
    return array;
}

/// Secrets Manager uses keys of its own Region only. What is wrong otherwise was reported already.
void check_keys(const Manifest& manifest, Problems& problems)
{
    const auto& secrets = manifest.declared.of<Secret>();
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        const auto& key = secrets[i].kms_key_id;
        const auto arn = Arn::parse(key);
        if (arn && is_key(key) && !manifest.region.empty() && arn->region != manifest.region)
            problems.add(indexed(list, i) + ".kmsKeyId",
                         "must be a key in the application's Region " + manifest.region);
    }
}

void check(const Manifest& manifest, Problems& problems)
{
    manifest::check_unique_names(manifest.declared.of<Secret>(), list, problems);
    check_keys(manifest, problems);
}

std::vector<manifest::Usable> usable(const Manifest& manifest)
{
    std::vector<manifest::Usable> all;
    for (const auto& secret : manifest.declared.of<Secret>()) {
        const DeploymentId deployment{.project = manifest.project,
                                      .stage = manifest.stage.empty() ? "dev" : manifest.stage,
                                      .region = manifest.region};
        all.push_back({.name = secret.name,
                       .environment = {{arn_variable(secret.name),
                                        expected_arn(manifest.region, "123456789012",
                                                     full_name(deployment, secret.name))}}});
    }
    return all;
}

} // namespace

manifest::Section section()
{
    return {.name = list, .read = read, .write = write, .check = check, .usable = usable};
}

const Secret* find(const manifest::Manifest& manifest, std::string_view name)
{
    const auto& secrets = manifest.declared.of<Secret>();
    const auto found = std::ranges::find(secrets, name, &Secret::name);
    return found == secrets.end() ? nullptr : &*found;
}

std::string full_name(const DeploymentId& deployment, std::string_view name)
{
    return deployment.project + '/' + deployment.stage + '/' + std::string(name);
}

std::string expected_arn(const std::string& region, const std::string& account_id,
                         const std::string& full_name)
{
    return Arn{.partition = aws::partition_of(region),
               .service = "secretsmanager",
               .region = region,
               .account = account_id,
               .resource = "secret:" + full_name + "-AbCdEf"}
        .to_string();
}

std::string key_arn(const Target& target, const Secret& secret)
{
    const auto& key = secret.kms_key_id;
    return key.starts_with("arn:") ? key : arn_of(target, "kms", "key/" + key);
}

std::string arn_variable(std::string_view name)
{
    return manifest::environment_prefix("SECRET", name) + "_ARN";
}

} // namespace nimbus::deploy::secret
