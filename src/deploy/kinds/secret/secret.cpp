#include "deploy/kinds/secret/secret.h"

#include "aws/ops/secretsmanager/secrets.h"
#include "aws/ops/secretsmanager/tags.h"
#include "deploy/application.h"
#include "deploy/kinds/secret/declaration.h"

namespace nimbus::deploy::secret {
namespace {

namespace manager = aws::secretsmanager;

/// One that is deleted without a recovery window keeps its name for a moment.
constexpr std::chrono::milliseconds deleting_time{500};
constexpr std::chrono::seconds deleting_limit{60};
constexpr std::string_view available = "available";
constexpr std::string_view waiting = "scheduled for deletion";

/// Its ARN; while that is not known, its name. A name that ends like an ARN, in a dash and six
/// characters, Secrets Manager could take for one, so the ARN comes first.
const std::string& id_of(const SecretOutputs& outputs)
{
    return outputs.arn.empty() ? outputs.secret_name : outputs.arn;
}

/// By its name when the ARN leads nowhere: somebody deleted the secret and made it again.
std::optional<manager::Secret> locate(World& world, const SecretOutputs& outputs)
{
    auto secret = world.find(manager::DescribeSecret{.secret_id = id_of(outputs)});
    if (!secret && !outputs.arn.empty())
        secret = world.find(manager::DescribeSecret{.secret_id = outputs.secret_name});
    return secret;
}

/// Another ARN is another secret, whose tags have to tell whose it is. Throws NotOurs.
void check_tags(const World& world, const SecretResource::Subject& subject,
                const manager::Secret& secret)
{
    check_owner(world, known_as(subject.is_recorded, subject.outputs.arn, secret.arn), secret.tags,
                "The secret " + secret.name);
}

} // namespace

std::vector<Node> secret_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& secret : application.manifest.declared.of<Secret>()) {
        const auto name = full_name(application.deployment(), secret.name);
        NodeOf<SecretResource> node{
            .name = secret.name,
            .identity = {.secret_name = name, .arn = {}},
            .inputs = {.name = name,
                       .description = secret.description,
                       .kms_key_id = secret.kms_key_id,
                       .state = std::string(available),
                       .tags = tags_of(application, SecretResource::name, secret.name)},
            .creation_note = "has no value until 'nimbus secret set " + secret.name + "'"};
        nodes.push_back(std::move(node).node());
    }
    return nodes;
}

std::optional<SecretResource::Observed> SecretResource::read(World& world, Reads&,
                                                             const Subject& subject)
{
    const auto secret = locate(world, subject.outputs);
    if (!secret)
        return {};
    check_tags(world, subject, *secret);
    Observed observed{
        .inputs = {.name = secret->name,
                   .description = secret->description,
                   .kms_key_id = secret->kms_key_id,
                   .state = std::string(secret->waits_for_deletion() ? waiting : available),
                   .tags = own_tags(secret->tags)},
        .outputs = {.secret_name = secret->name, .arn = secret->arn},
        .is_deleted = secret->waits_for_deletion()};
    if (secret->waits_for_deletion())
        observed.condition = waiting;
    else if (!secret->has_value())
        observed.condition = without_value;
    return observed;
}

SecretOutputs SecretResource::create(World& world, const Subject& subject, const Inputs& inputs)
{
    const manager::CreateSecret request{.name = inputs.name,
                                        .description = inputs.description,
                                        .kms_key_id = inputs.kms_key_id,
                                        .tags = inputs.tags,
                                        .client_request_token = subject.nonce};
    SecretOutputs outputs;
    const auto deadline = Deadline::after(deleting_limit);
    world.wait({.what = "the name of the secret " + inputs.name + " to be free",
                .kind = "deleted secret",
                .usual = deleting_time,
                .limit = 2 * deleting_limit},
               [&] {
                   try {
                       const auto made = world.call(request);
                       outputs = {.secret_name = made.name, .arn = made.arn};
                       return true;
                   } catch (const aws::ApiError& error) {
                       if (manager::is_waiting_for_deletion(error) && !deadline.reached())
                           return false;
                       throw;
                   }
               });
    return outputs;
}

SecretOutputs SecretResource::update(World& world, const Subject&, const Inputs& inputs,
                                     const Observed& observed)
{
    const auto& id = observed.outputs.arn;
    const auto& present = observed.inputs;
    if (inputs.state != present.state)
        world.call(manager::RestoreSecret{.secret_id = id});
    if (inputs.description != present.description || inputs.kms_key_id != present.kms_key_id)
        world.call(manager::UpdateSecret{
            .secret_id = id, .description = inputs.description, .kms_key_id = inputs.kms_key_id});
    if (inputs.tags != present.tags)
        world.call(manager::TagResource{.secret_id = id, .tags = inputs.tags});
    return observed.outputs;
}

void SecretResource::destroy(World& world, const Subject& subject)
{
    const auto secret = locate(world, subject.outputs);
    if (!secret || secret->waits_for_deletion())
        return;
    check_tags(world, subject, *secret);
    world.find(manager::DeleteSecret{.secret_id = secret->arn});
}

SecretOutputs SecretResource::expected(const Target& target, const Outputs& identity)
{
    return {.secret_name = identity.secret_name,
            .arn = expected_arn(target.region, target.account_id, identity.secret_name)};
}

} // namespace nimbus::deploy::secret
