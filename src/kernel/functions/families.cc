#include "kernel/functions/families.h"

#include "kernel/functions/moment_order.h"
#include "kernel/functions/query_clauses.h"
#include "kernel/functions/routines.h"
#include "kernel/functions/sketch_families.h"
#include "kernel/row_pattern/match_rows.h"

namespace planaria::kernel {

void RegisterTrinoFunctions(duckdb::DatabaseInstance& database) {
  FunctionSet functions;
  for (const auto add : {AddIntegerArithmetic,
                         AddDecimalArithmetic,
                         AddCastsToNumbers,
                         AddCastsToDecimal,
                         AddDecimalRounding,
                         AddCastsToText,
                         AddMath,
                         AddDistributions,
                         AddRandom,
                         AddBitwise,
                         AddStrings,
                         AddRegexp,
                         AddDates,
                         AddDatetimeText,
                         AddBinary,
                         AddUrls,
                         AddUnits,
                         AddIpAddresses,
                         AddColors,
                         AddJson,
                         AddArrays,
                         AddArrayElements,
                         AddArrayPieces,
                         AddVectors,
                         AddEquality,
                         AddRowFields,
                         AddMaps,
                         AddTextParts,
                         AddWordStem,
                         AddAggregateEnds,
                         AddCastToJson,
                         AddMomentCasts,
                         AddZonedDates,
                         AddIntervals,
                         AddJavaTimeText,
                         AddHyperLogLogs,
                         AddApproxDistinct,
                         AddSetDigests,
                         AddQuantileDigests,
                         AddHistograms,
                         AddChecksum,
                         AddSpookyHash,
                         AddRoutines,
                         AddMatchRows,
                         AddQueryClauses}) {
    add(functions);
  }
  functions.Register(database);
  RegisterMomentOrder(database);
}

}  // namespace planaria::kernel
