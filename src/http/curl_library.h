#pragma once

#include "base/shared_library.h"

#include <curl/curl.h>

namespace nimbus::http {

/// What Nimbus calls of libcurl (libcurl's "API overview"), loaded with the first client.
class CurlLibrary {
    SharedLibrary library_{"libcurl.so.4", "libcurl4"};

public:
    CurlLibrary() { global_init(CURL_GLOBAL_DEFAULT); }

    const decltype(&::curl_global_init) global_init = library_["curl_global_init"];
    const decltype(&::curl_easy_init) easy_init = library_["curl_easy_init"];
    const decltype(&::curl_easy_setopt) easy_setopt = library_["curl_easy_setopt"];
    const decltype(&::curl_easy_perform) easy_perform = library_["curl_easy_perform"];
    const decltype(&::curl_easy_getinfo) easy_getinfo = library_["curl_easy_getinfo"];
    const decltype(&::curl_easy_strerror) easy_strerror = library_["curl_easy_strerror"];
    const decltype(&::curl_easy_reset) easy_reset = library_["curl_easy_reset"];
    const decltype(&::curl_easy_cleanup) easy_cleanup = library_["curl_easy_cleanup"];
    const decltype(&::curl_slist_append) slist_append = library_["curl_slist_append"];
    const decltype(&::curl_slist_free_all) slist_free_all = library_["curl_slist_free_all"];
};

/// Loaded by the first call, which throws Error when libcurl cannot be.
inline const CurlLibrary& curl()
{
    static const CurlLibrary library;
    return library;
}

} // namespace nimbus::http
