#include "greeting.hpp"

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "greeting", .region = "us-east-1"}};
    declare_greeting(app);
    return app.run(argc, argv);
}
