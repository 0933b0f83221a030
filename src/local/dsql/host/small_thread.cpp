#include "local/dsql/host/small_thread.h"

#include "base/assert.h"
#include "base/error.h"

#include <csignal>

namespace nimbus::local::dsql {
namespace {

#ifdef NIMBUS_SANITIZE
constexpr std::size_t stack_size = 2 * 1024 * 1024; // instrumented frames are large
#else
constexpr std::size_t stack_size = 512 * 1024; // only what is touched becomes memory
#endif

void* run(void* argument)
{
    const std::unique_ptr<std::move_only_function<void()>> body(
        static_cast<std::move_only_function<void()>*>(argument));
    (*body)();
    return nullptr;
}

} // namespace

SmallThread::SmallThread(std::move_only_function<void()> body)
{
    NIMBUS_ASSERT(body != nullptr, "a thread has something to do");
    auto owned = std::make_unique<std::move_only_function<void()>>(std::move(body));
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    sigset_t all;
    sigfillset(&all);
    ::pthread_attr_setsigmask_np(&attributes, &all);
    const int failure = ::pthread_create(&thread_, &attributes, run, owned.get());
    ::pthread_attr_destroy(&attributes);
    if (failure != 0)
        throw_system_error(failure, "Cannot start a thread for a connection");
    owned.release();
}

SmallThread::~SmallThread()
{
    NIMBUS_ASSERT(::pthread_equal(thread_, ::pthread_self()) == 0, "no thread joins itself");
    ::pthread_join(thread_, nullptr);
}

} // namespace nimbus::local::dsql
