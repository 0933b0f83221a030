#pragma once

#include <nimbus/nimbus.hpp>

// What the application declares, apart from main, so that tests have it, too.
nimbus::sql::database declare_orders(nimbus::app& app);
