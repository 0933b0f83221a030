#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "core/application.h"
#include "core/manifest.h"
#include "core/serve.h"
#include "io/environment.h"

#include <cstdio>
#include <nimbus/app.hpp>

namespace nimbus {

namespace {

int write_manifest(const detail::Application& application, const std::string& path)
{
    try {
        const auto written = detail::describe(application);
        write_file(path + ".places", pretty_json(written.places()));
        write_file(path, pretty_json(written.manifest()));
        return 0;
    } catch (const Error& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}

int explain(const detail::Application& application)
{
    const auto functions = application.functions().size();
    std::fprintf(stderr,
                 "This is the Nimbus application \"%s\" with %zu function%s for AWS Lambda. It "
                 "does not run by itself.\nDeploy it from its source directory with:  nimbus "
                 "deploy\n",
                 application.options.project_name.c_str(), functions, functions == 1 ? "" : "s");
    return 2;
}

} // namespace

detail::app_part::app_part() : application_(std::make_shared<Application>()) {}

app::app(app_options options, std::source_location declared)
{
    application_->options = std::move(options);
    application_->place = declared;
}

int app::run(int, char**)
{
    if (const auto path = detail::manifest_out())
        return write_manifest(*application_, *path);
    const auto runtime_api = detail::environment_variable("AWS_LAMBDA_RUNTIME_API");
    const auto handler = detail::environment_variable("_HANDLER");
    if (runtime_api && handler)
        return detail::serve(*application_, *runtime_api, *handler);
    return explain(*application_);
}

} // namespace nimbus
