#include "cli/command.h"

int main(int argc, char** argv)
{
    using namespace nimbus::cli;
    return run_command_line(argc, argv, [](const Command& root) {
        // In the order of the help text.
        add_new(root);
        add_init(root);
        add_deploy(root);
        add_dev(root);
        add_debug(root);
        add_plan(root);
        add_destroy(root);
        add_status(root);
        add_outputs(root);
        add_logs(root);
        add_invoke(root);
        add_sql(root);
        add_migrate(root);
        add_seed(root);
        add_test(root);
        add_types(root);
        add_check(root);
        add_secret(root);
        add_unlock(root);
        add_whoami(root);
        add_local(root);
        add_completion(root);
        add_man_page(root);
        root.examples({{"nimbus new shop", "a project to begin with, in the directory shop"},
                       {"nimbus deploy", "this directory's application, to the local cloud"},
                       {"nimbus init", "choose AWS instead"},
                       {"nimbus help deploy", "the options of a command"}});
    });
}
