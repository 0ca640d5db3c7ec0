// A store whose new outputs are kept on this node as well.
#pragma once

#include <memory>

#include "exchange/kept_outputs.h"
#include "storage/object_store.h"

namespace planaria::exchange {

/// `store`, except that `kept` gets what is written into folders of queries, and drops a query whose folder
/// is deleted. Reading asks `store`: who reads outputs looks nearer first (exchange/near_outputs.h).
std::shared_ptr<storage::ObjectStore> KeepOutputs(std::shared_ptr<storage::ObjectStore> store,
                                                  std::shared_ptr<KeptOutputs> kept);

}  // namespace planaria::exchange
