#include "kernel/functions/families.h"

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
                         AddBitwise,
                         AddStrings,
                         AddRegexp,
                         AddDates,
                         AddDatetimeText,
                         AddBinary,
                         AddUrls,
                         AddJson,
                         AddArrays,
                         AddArrayElements,
                         AddArrayPieces,
                         AddVectors,
                         AddMaps,
                         AddTextParts,
                         AddAggregateEnds,
                         AddCastToJson}) {
    add(functions);
  }
  functions.Register(database);
}

}  // namespace planaria::kernel
