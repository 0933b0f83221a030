#pragma once

/// What a mutex guards, in a form that clang checks (`make tidy`; -Wthread-safety) and gcc ignores.
/// Source: Clang documentation, "Thread Safety Analysis". Mutexes that take part: base/mutex.h.
///
///     Mutex mutex_;
///     std::vector<Job> jobs_ NIMBUS_GUARDED_BY(mutex_);
///     void take() NIMBUS_REQUIRES(mutex_);   // callers hold it
///     void post() NIMBUS_EXCLUDES(mutex_);   // callers must not hold it: it is taken inside
///
/// A lambda is a function of its own to the analysis: one that touches what is guarded needs
/// NIMBUS_REQUIRES behind its parameters, or, in a wait, is better written as a loop.

#if defined(__clang__)
#define NIMBUS_THREAD_ANNOTATION(attribute) __attribute__((attribute))
#else
#define NIMBUS_THREAD_ANNOTATION(attribute)
#endif

/// Members that are read and written under the mutex only.
#define NIMBUS_GUARDED_BY(mutex) NIMBUS_THREAD_ANNOTATION(guarded_by(mutex))
/// Pointers to what is.
#define NIMBUS_PT_GUARDED_BY(mutex) NIMBUS_THREAD_ANNOTATION(pt_guarded_by(mutex))
#define NIMBUS_REQUIRES(...) NIMBUS_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define NIMBUS_EXCLUDES(...) NIMBUS_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

/// For the mutexes themselves.
#define NIMBUS_CAPABILITY(name) NIMBUS_THREAD_ANNOTATION(capability(name))
#define NIMBUS_SCOPED_CAPABILITY NIMBUS_THREAD_ANNOTATION(scoped_lockable)
#define NIMBUS_ACQUIRE(...) NIMBUS_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define NIMBUS_RELEASE(...) NIMBUS_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
/// Its locking is right, but not to be seen by the analysis; say why.
#define NIMBUS_NO_THREAD_SAFETY_ANALYSIS NIMBUS_THREAD_ANNOTATION(no_thread_safety_analysis)
