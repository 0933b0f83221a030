#include "local/services/dsql/cluster_store.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/random.h"
#include "local/services/inputs.h"

namespace nimbus::local {
namespace {

constexpr const char* was_active_member = "wasActive"; ///< earlier versions wrote none

json::object to_json(const ClusterRecord& record)
{
    return {{"region", record.region},
            {"address", record.address},
            {"status", record.status},
            {"created", to_unix_milliseconds(record.created)},
            {"protection", record.deletion_protection},
            {"clientToken", record.client_token},
            {"request", record.request},
            {"tags", map_to_json(record.tags)},
            {was_active_member, record.was_active}};
}

ClusterRecord from_json(const std::string& id, const json::object& document)
{
    ClusterRecord record{
        .id = id,
        .region = string_or_empty(document, "region"),
        .address = string_or_empty(document, "address"),
        .status = string_or_empty(document, "status"),
        .created = from_unix_milliseconds(integer_member(document, "created").value_or(0)),
        .deletion_protection = bool_member(document, "protection").value_or(true),
        .client_token = string_or_empty(document, "clientToken"),
        .request = string_or_empty(document, "request"),
        .was_active = bool_member(document, was_active_member).value_or(true)};
    if (const auto* tags = object_member(document, "tags"))
        for (const auto& [key, value] : *tags)
            record.tags[key] = std::string(value.as_string());
    return record;
}

} // namespace

/// Shared with the callbacks that the host holds, which may outlive the store.
struct ClusterStore::State : std::enable_shared_from_this<State> {
    State(sqlite::Database& in, std::string account, Clock time, Log to, NamesChanged names)
        : database(in), account_id(std::move(account)), clock(std::move(time)), log(std::move(to)),
          names_changed(std::move(names)), table(in, clusters_table)
    {
    }

    Cluster to_host_form(const ClusterRecord& record)
    {
        return {.id = record.id,
                .arn = Arn{.service = "dsql",
                           .region = record.region,
                           .account = account_id,
                           .resource = "cluster/" + record.id}
                           .to_string(),
                .region = record.region,
                .address = record.address,
                .has_data = record.status != "CREATING",
                .tags = [weak = weak_from_this(), id = record.id] {
                    const auto alive = weak.lock();
                    const auto document = alive ? alive->table.find(id) : std::nullopt;
                    return document ? from_json(id, *document).tags
                                    : std::map<std::string, std::string>{};
                }};
    }

    ClusterHost& need_host() const NIMBUS_REQUIRES(mutex)
    {
        if (host == nullptr)
            throw ServiceError(500, "InternalServerException",
                               "The local cloud is still starting.");
        return *host;
    }

    /// Runs `body` unless the store is gone or detached by now.
    template <class Body>
    static auto guarded(const std::shared_ptr<State>& state, Body body)
    {
        return [weak = std::weak_ptr(state), body = std::move(body)](const std::string& failure) {
            const auto alive = weak.lock();
            if (!alive)
                return;
            const RecursiveMutexLock lock(alive->mutex);
            if (alive->host == nullptr)
                return;
            try {
                body(*alive, failure);
            } catch (const std::exception& error) {
                alive->log.error("What became of a cluster cannot be stored",
                                 {{"reason", error.what()}});
            }
        };
    }

    void set_status(const std::string& id, const std::string& status)
    {
        database.transaction([&] {
            if (auto document = table.find(id)) {
                // A removal that was asked for meanwhile stays what it is.
                if (string_or_empty(*document, "status") == "DELETING" && status == "ACTIVE")
                    return;
                (*document)["status"] = status;
                if (status == "ACTIVE")
                    (*document)[was_active_member] = true;
                table.put(id, *document);
            }
        });
    }

    /// Clusters do without their names rather than with nothing: what fails is logged.
    void publish_names() NIMBUS_REQUIRES(mutex)
    {
        auto names = names_of_copies;
        for (const auto& [id, document] : table.list()) {
            const auto record = from_json(id, document);
            if (record.status != "DELETING" && !record.address.empty())
                names[cluster_host_name(id, record.region)] = record.address;
        }
        try {
            names_changed(names);
        } catch (const Error& error) {
            log.error("The names of the clusters cannot be published", {{"reason", error.what()}});
        }
    }

    void start(const ClusterRecord& record) NIMBUS_REQUIRES(mutex)
    {
        need_host().start(
            to_host_form(record),
            guarded(shared_from_this(), [id = record.id](State& state, const std::string& failure) {
                state.set_status(id, failure.empty() ? "ACTIVE" : "FAILED");
                if (!failure.empty())
                    state.log.error("A cluster did not start",
                                    {{"cluster", id}, {"reason", failure}});
            }));
    }

    void remove(const ClusterRecord& record) NIMBUS_REQUIRES(mutex)
    {
        need_host().remove(
            record.id,
            guarded(shared_from_this(), [id = record.id](State& state, const std::string& failure) {
                if (failure.empty()) {
                    state.table.erase(id);
                    return;
                }
                state.set_status(id, "FAILED");
                state.log.error("A cluster was not removed",
                                {{"cluster", id}, {"reason", failure}});
            }));
    }

    sqlite::Database& database;
    std::string account_id;
    Clock clock;
    Log log;
    NamesChanged names_changed;
    sqlite::DocumentTable table;
    /// Recursive: the host may report from within start or remove. Taken before the database's own
    /// lock, never inside a transaction.
    RecursiveMutex mutex;
    ClusterHost* host NIMBUS_GUARDED_BY(mutex) = nullptr;
    HostAddresses names_of_copies NIMBUS_GUARDED_BY(mutex);
};

ClusterStore::ClusterStore(sqlite::Database& database, std::string account_id, Clock clock, Log log,
                           NamesChanged names_changed)
    : state_(std::make_shared<State>(database, std::move(account_id), std::move(clock),
                                     std::move(log), std::move(names_changed)))
{
}

ClusterStore::~ClusterStore() = default;

void ClusterStore::attach(ClusterHost& host)
{
    const RecursiveMutexLock lock(state_->mutex);
    state_->host = &host;
    for (const auto& [id, document] : state_->table.list()) {
        auto record = from_json(id, document);
        if (record.status == "DELETING") {
            state_->remove(record);
            continue;
        }
        try {
            record.address = host.reserve_address(state_->to_host_form(record));
        } catch (const Error& error) {
            // Functions know the cluster by this address: another one would not help them.
            state_->set_status(id, "FAILED");
            state_->log.error("A cluster cannot be reached at its address",
                              {{"cluster", id}, {"reason", error.what()}});
            continue;
        }
        const bool is_new = record.status == "CREATING" || !record.was_active;
        record.status = is_new ? "CREATING" : "UPDATING";
        state_->table.put(id, to_json(record));
        state_->start(record);
    }
    state_->publish_names();
}

void ClusterStore::detach()
{
    const RecursiveMutexLock lock(state_->mutex);
    state_->host = nullptr;
}

std::optional<ClusterRecord> ClusterStore::find(const std::string& region, const std::string& id)
{
    const auto document = state_->table.find(id);
    if (!document || string_or_empty(*document, "region") != region)
        return std::nullopt;
    return from_json(id, *document);
}

std::vector<ClusterRecord> ClusterStore::list(const std::string& region)
{
    std::vector<ClusterRecord> result;
    for (const auto& [id, document] : state_->table.list())
        if (string_or_empty(document, "region") == region)
            result.push_back(from_json(id, document));
    return result;
}

void ClusterStore::put(const ClusterRecord& record)
{
    state_->table.put(record.id, to_json(record));
}

ClusterRecord ClusterStore::create(
    ClusterRecord record,
    const std::function<std::optional<ClusterRecord>(const std::vector<ClusterRecord>&)>& existing)
{
    const RecursiveMutexLock lock(state_->mutex);
    if (auto other = existing(list(record.region)))
        return std::move(*other);
    record.id = base32_encode(random_bytes(16));
    record.status = "CREATING";
    record.was_active = false;
    record.created = now();
    record.address = state_->need_host().reserve_address(state_->to_host_form(record));
    put(record);
    state_->publish_names();
    state_->start(record);
    return record;
}

ClusterRecord ClusterStore::remove(ClusterRecord record)
{
    const RecursiveMutexLock lock(state_->mutex);
    static_cast<void>(state_->need_host());
    record.status = "DELETING";
    put(record);
    state_->publish_names();
    state_->remove(record);
    return record;
}

void ClusterStore::back_up(const ClusterRecord& record, const std::filesystem::path& directory)
{
    ClusterHost* host = nullptr;
    {
        const RecursiveMutexLock lock(state_->mutex);
        host = &state_->need_host();
    }
    host->back_up(record.id, directory);
}

void ClusterStore::set_names_of_copies(HostAddresses names)
{
    const RecursiveMutexLock lock(state_->mutex);
    state_->names_of_copies = std::move(names);
    state_->publish_names();
}

std::string ClusterStore::arn(const ClusterRecord& record) const
{
    return state_->to_host_form(record).arn;
}

SystemTime ClusterStore::now() const
{
    return state_->clock();
}

sqlite::Database& ClusterStore::database() noexcept
{
    return state_->database;
}

} // namespace nimbus::local
