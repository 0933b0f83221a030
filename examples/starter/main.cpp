#include "notes.hpp"

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "starter", .region = "us-east-1"}};
    declare_notes(app);
    return app.run(argc, argv);
}
