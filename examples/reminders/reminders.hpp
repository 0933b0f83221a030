#pragma once

#include <nimbus/nimbus.hpp>

// What proves that a reminder comes from here: HMAC-SHA256 of its id and text, in hexadecimal.
std::string sign(const std::string& key, const nimbus::uuid& id, const std::string& text);

// What the application consists of, apart from main, so that a test can call it.
void declare_reminders(nimbus::app& app);
