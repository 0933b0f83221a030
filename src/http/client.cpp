#include "http/client.h"

#include "base/mutex.h"
#include "base/number.h"
#include "base/text.h"
#include "http/curl_library.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

namespace nimbus::http {
namespace {

struct EasyDeleter {
    void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
    void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

/// No answer of AWS's that we ask for comes near it.
constexpr std::size_t max_response_bytes = 64 * 1024 * 1024;
/// The slowest upload that is waited for.
constexpr std::size_t least_bytes_per_second = 16 * 1024;

/// What Content-Length says, if anything.
std::size_t announced_bytes(const Response& response)
{
    return parse_number<std::size_t>(response.headers.get("Content-Length")).value_or(0);
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* target)
{
    auto& response = *static_cast<Response*>(target);
    auto& body = response.body;
    if (body.size() + size * count > max_response_bytes)
        return 0;
    if (body.empty())
        body.reserve(std::min(announced_bytes(response), max_response_bytes));
    body.append(data, size * count);
    return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* target)
{
    auto& headers = *static_cast<Headers*>(target);
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
        headers = {}; // the answer follows interim ones, such as 100 Continue
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        headers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
    return size * count;
}

/// Called before each request of a transfer. By itself libcurl sends one again when a connection
/// that was kept open turns out to be closed, though the server may have acted; whether it is sent
/// again is not libcurl's to decide. Source: CURLOPT_PREREQFUNCTION(3).
int on_request(void* is_sent, char*, char*, int, int)
{
    return std::exchange(*static_cast<bool*>(is_sent), true) ? CURL_PREREQFUNC_ABORT
                                                             : CURL_PREREQFUNC_OK;
}

/// `details`: what libcurl left in CURLOPT_ERRORBUFFER.
std::string text_of(CURLcode code, const char* details)
{
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return "the connection was closed before the answer";
    return *details == '\0' ? curl().easy_strerror(code) : details;
}

bool never_sent(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return true;
    default:
        return false;
    }
}

/// A proxy is elsewhere: it cannot reach this machine's own servers, and those for the machine that
/// asks (AWS's metadata services, on link-local addresses) would answer for the proxy's.
bool is_of_this_machine(std::string_view origin)
{
    const auto scheme_end = origin.find("://");
    const auto authority = origin.substr(scheme_end == std::string_view::npos ? 0 : scheme_end + 3);
    const auto host = authority.substr(0, authority.find(':'));
    const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return (is_ipv4 && (host.starts_with("127.") || host.starts_with("169.254."))) ||
           host == "localhost" || authority.starts_with("[::1]") ||
           authority.starts_with("[fd00:ec2::");
}

std::chrono::milliseconds upload_time(std::size_t bytes)
{
    return std::chrono::seconds(bytes / least_bytes_per_second);
}

} // namespace

struct Client::Impl {
    ClientOptions options;
    Mutex mutex;
    std::vector<Easy> idle NIMBUS_GUARDED_BY(mutex);

    Easy take()
    {
        const MutexLock lock(mutex);
        if (idle.empty())
            return Easy(curl().easy_init());
        Easy handle = std::move(idle.back());
        idle.pop_back();
        return handle;
    }

    void give_back(Easy handle)
    {
        curl().easy_reset(handle.get()); // keeps its connections
        const MutexLock lock(mutex);
        idle.push_back(std::move(handle));
    }
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>())
{
    curl(); // a library that is missing is found before anything is sent
    impl_->options = std::move(options);
    if (impl_->options.ca_file.empty())
        if (const char* bundle = std::getenv("AWS_CA_BUNDLE"); bundle != nullptr)
            impl_->options.ca_file = bundle;
}

Client::~Client() = default;

Response Client::send(const std::string& origin, const Request& request, const SendOptions& how)
{
    Easy handle = impl_->take();
    const std::string url = origin + request.target;

    curl_slist* raw_list = nullptr;
    for (const auto& [name, value] : request.headers)
        raw_list = curl().slist_append(raw_list, value.empty() ? (name + ";").c_str()
                                                               : (name + ": " + value).c_str());
    // What curl would add by itself is neither signed nor wanted.
    for (const char* suppressed : {"Expect:", "Transfer-Encoding:"})
        raw_list = curl().slist_append(raw_list, suppressed);
    for (const char* defaulted : {"Content-Type", "Accept", "User-Agent"})
        if (!request.headers.contains(defaulted))
            raw_list = curl().slist_append(raw_list, (std::string(defaulted) + ":").c_str());
    const List list(raw_list);

    Response response;
    const auto milliseconds = [](std::chrono::milliseconds duration) {
        return static_cast<long>(duration.count());
    };
    const auto set = [&](CURLoption option, auto value) {
        curl().easy_setopt(handle.get(), option, value);
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_of_this_machine(origin))
        set(CURLOPT_PROXY, ""); // none, whatever the environment says
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(impl_->options.connect_timeout));
    if (how.total_timeout) {
        set(CURLOPT_TIMEOUT_MS, milliseconds(*how.total_timeout));
    } else {
        set(CURLOPT_TIMEOUT_MS,
            milliseconds(impl_->options.total_timeout + upload_time(request.body.size())));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L); // bytes a second
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(impl_->options.idle_timeout.count()));
    }
    if (how.fresh_connection)
        set(CURLOPT_FRESH_CONNECT, 1L);
    bool is_sent = false;
    set(CURLOPT_PREREQFUNCTION, on_request);
    set(CURLOPT_PREREQDATA, &is_sent);
    set(CURLOPT_TCP_KEEPALIVE, 1L); // networks forget a connection that is silent for minutes
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!impl_->options.ca_file.empty())
        set(CURLOPT_CAINFO, impl_->options.ca_file.c_str());
    set(CURLOPT_HTTPHEADER, list.get());
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, &response);
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, &response.headers);
    std::array<char, CURL_ERROR_SIZE> reason{}; // tells more than the code: what a proxy answered
    set(CURLOPT_ERRORBUFFER, reason.data());
    if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.c_str());
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }

    const CURLcode code = curl().easy_perform(handle.get());
    long status = 0;
    curl().easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    impl_->give_back(std::move(handle));
    if (code != CURLE_OK)
        throw TransportError(text_of(code, reason.data()), !never_sent(code));
    response.status = static_cast<int>(status);
    return response;
}

} // namespace nimbus::http
