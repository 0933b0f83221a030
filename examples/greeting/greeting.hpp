#pragma once

#include <nimbus/nimbus.hpp>

// The routes, apart from main, so that a test can call them.
void declare_greeting(nimbus::app& app);
