#include "orders.hpp"

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "orders", .region = "us-east-1"}};
    declare_orders(app);
    return app.run(argc, argv);
}
