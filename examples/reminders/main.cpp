#include "reminders.hpp"

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "reminders", .region = "us-east-1"}};
    declare_reminders(app);
    return app.run(argc, argv);
}
