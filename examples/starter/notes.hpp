#pragma once

#include <nimbus/nimbus.hpp>

// A database of notes and the API in front of it, apart from main, so that a test can call the
// routes.
void declare_notes(nimbus::app& app);
