// Facts that orders and their lines share.
#pragma once

#include "connector/tpch/tpch_streams.h"

namespace planaria::connector::tpch {

/// Days count from 1992-01-01. Lines shipped or received by this day (1995-06-17) are history.
inline constexpr int64_t kToday = 1263;
inline constexpr Uniform kLineCounts(1, 7), kOrderDays(0, 2405), kShipDelay(1, 121), kCommitDelay(30, 90),
    kReceiptDelay(1, 30), kQuantities(1, 50), kDiscounts(0, 10), kTaxes(0, 8), kSupplierChoice(0, 3);

}  // namespace planaria::connector::tpch
