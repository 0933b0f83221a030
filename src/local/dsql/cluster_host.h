#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace nimbus::local {

/// A DSQL cluster as its data plane needs to know it.
struct Cluster {
    std::string id; ///< 26 base32 characters
    std::string arn;
    std::string region;
    std::string address; ///< the loopback address that it listens on, port 5432; empty: choose one
    /// It was there before: its data is not made when there is none.
    bool has_data = false;
    /// Its tags at the time, for policies' conditions; unset: none. Called by any thread.
    std::function<std::map<std::string, std::string>()> tags{};
};

/// The name of a cluster's endpoint. Source: Aurora DSQL User Guide, "Accessing Aurora DSQL".
inline std::string cluster_host_name(const std::string& id, const std::string& region)
{
    return id + ".dsql." + region + ".on.aws";
}

/// A copy of a cluster's database that clients know as a cluster: it has a name, an address and a
/// certificate of its own. To IAM it is the cluster that it was copied from.
struct ClusterCopy {
    std::string id;      ///< 26 base32 characters, as of a cluster
    std::string address; ///< the loopback address that it listens on, port 5432
};

/// The data plane of DSQL: a PostgreSQL instance and a TLS listener per cluster. Thread-safe.
class ClusterHost {
public:
    virtual ~ClusterHost() = default;

    /// Chooses an address whose port 5432 is free and listens on it. Throws Error when `address` is
    /// given and taken, or when none is free.
    virtual std::string reserve_address(const Cluster& cluster) = 0;

    /// Starts PostgreSQL (making its data directory when there is none) and serves connections;
    /// `done` gets "" or a sentence that says what failed, on some other thread.
    virtual void start(const Cluster& cluster, std::function<void(std::string failure)> done) = 0;

    /// Stops the cluster and deletes its data; `done` as above.
    virtual void remove(const std::string& cluster_id,
                        std::function<void(std::string failure)> done) = 0;

    /// A new copy of a cluster that is served: of its database as it was when the first one was
    /// asked for. Returns when clients can connect. It lasts until it is removed, the cluster is,
    /// or the host stops. Throws Error.
    virtual ClusterCopy copy(const std::string& cluster_id) = 0;
    /// Ends its sessions and deletes its data; nothing when there is none. Throws Error.
    virtual void remove_copy(const std::string& cluster_id, const std::string& copy_id) = 0;

    /// Copies the data of a cluster that is served, as of one moment, to a directory that is not
    /// there yet. Sessions go on meanwhile. Throws Error.
    virtual void back_up(const std::string& cluster_id, const std::filesystem::path& directory) = 0;
};

} // namespace nimbus::local
