#include "deploy/kinds/catalog.h"

#include "deploy/kinds/api/kind.h"
#include "deploy/kinds/function/kind.h"
#include "deploy/kinds/secret/kind.h"
#include "deploy/kinds/sql/kind.h"
#include "deploy/kinds/timer/kind.h"

namespace nimbus::deploy {

const Kinds& all_kinds()
{
    static const Kinds kinds(
        {api::kind(), sql::kind(), function::kind(), secret::kind(), timer::kind()});
    return kinds;
}

} // namespace nimbus::deploy
