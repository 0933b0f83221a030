#pragma once

// What the local cloud serves of AWS, for who lists it: served_services().
#include "local/control_plane/served.h"
